/**
 * The segments that a member is attached to, as its users hold them: finding, adding, letting go of
 * them all. The member's own column (`@dsm/control`) is what counts; a cut (a `vm` timeout) between
 * attaching and telling us, or between `forget` and detaching, leaves there what nobody here knows.
 * That is given out again, without an owner, to whoever looks for it or detaches all.
 */
import type { Attachment, Member } from '@dsm/control'
import { isStackOverflow } from '@dsm/impl'
import type { ResourceOwner } from '@dsm/resowner'
import { AttachedSegment } from './segment.js'
import { SegmentList } from './segment-list.js'

export class AttachedSegments {
  readonly member: Member
  readonly #list = new SegmentList<AttachedSegment>()
  /** Of `resetOnDetach`: attached for the count alone, once their segments are detached. */
  readonly #counted = new WeakSet<Attachment>()

  constructor(member: Member) {
    this.member = member
  }

  /** The owner was enlarged before anything shared was touched. */
  add(attachment: Attachment, owner: ResourceOwner | null): AttachedSegment {
    const segment = new AttachedSegment(this, attachment)
    this.#list.add(segment)
    if (owner !== null) segment.ownedBy(owner)
    return segment
  }

  /** Called when the segment has been detached. */
  forget(segment: AttachedSegment): void {
    this.#list.remove(segment)
  }

  find(handle: number): AttachedSegment | null {
    const known = this.#list.find(handle)
    if (known !== null || !this.member.isAttached(handle)) return known
    this.#adoptStrays()
    return this.#list.find(handle)
  }

  detachAll(): void {
    this.#adoptStrays()
    for (const segment of this.#list.newestFirst()) segment.detach()
  }

  reset(): void {
    for (const attachment of this.member.attachments) this.#counted.add(attachment)
    for (const segment of this.#list.newestFirst()) segment.reset()
  }

  /**
   * All of them; returns what callbacks threw. One that throws is off its segment, and the next
   * detach goes on without it.
   * @throws RangeError for want of stack: the next try would fail, too, and without end
   */
  detachWhateverThrows(): unknown[] {
    const errors: unknown[] = []
    while (this.#list.newestFirst().length > 0) {
      try {
        this.detachAll()
      } catch (error) {
        if (isStackOverflow(error)) throw error
        errors.push(error)
      }
    }
    return errors
  }

  #adoptStrays(): void {
    const known = new Set(this.#list.newestFirst().map(({ handle }) => handle as number))
    for (const attachment of this.member.attachments) {
      if (known.has(attachment.handle) || this.#counted.has(attachment)) continue
      this.add(attachment, null)
    }
  }
}
