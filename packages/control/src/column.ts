/**
 * This member's column of the reference matrix: which segments it is attached to, privately, and
 * making the shared words agree with that after an operation was cut. What stands here decides: a
 * bit without an attachment is a cut operation's and goes; so does what that operation was making.
 */
import { type DsmMapping, isMainRegionHandle } from '@dsm/impl'
import { Attachment } from './attachment.js'
import type { Carving } from './carving.js'
import type { ControlSegment } from './control-segment.js'
import { EXTRA, SLOT } from './layout.js'
import { tokenOfOwner } from './owner-word.js'
import { holds } from './references.js'
import type { Removals } from './removal.js'
import { addReference, dropReference, recordRemoving } from './slot-life.js'

/** The parts of a member that its column works with. */
export interface Holder {
  readonly control: ControlSegment
  readonly index: number
  readonly token: number
  readonly removals: Removals
}

export class Column {
  readonly #by: Holder
  /** Slots whose objects are being made on the thread pool: not cut, whatever they look like. */
  readonly #inFlight: ReadonlySet<number>
  /** By slot. Made at full length, or a high slot would turn it into a dictionary. */
  readonly #attached: (Attachment | undefined)[]
  /** Set with the main region. */
  carving: Carving | null = null

  constructor(by: Holder, inFlight: ReadonlySet<number>) {
    this.#by = by
    this.#inFlight = inFlight
    this.#attached = new Array(by.control.geometry.maxSegments).fill(undefined)
  }

  /** Attached from here on; of pages of the main region if no mapping is given. */
  keep(slot: number, handle: number, size: number, mapping: DsmMapping | null): Attachment {
    const viewer = mapping === null ? this.carving : null
    const attachment = new Attachment(slot, handle, size, mapping, viewer)
    this.#attached[slot] = attachment
    return attachment
  }

  /** Of a slot that this member has made in the main region. */
  keepCarved(slot: number, size: number): Attachment {
    const { control } = this.#by
    return this.keep(slot, control.words[control.slot(slot) + SLOT.handle]!, size, null)
  }

  has(attachment: Attachment): boolean {
    return this.#attached[attachment.slot] === attachment
  }

  /** In the order of their slots. */
  get all(): readonly Attachment[] {
    return this.#attached.filter(attachment => attachment !== undefined)
  }

  /** Looks at every slot. */
  isAttached(handle: number): boolean {
    for (const attachment of this.#attached) if (attachment?.handle === handle) return true
    return false
  }

  drop(attachment: Attachment): void {
    this.#attached[attachment.slot] = undefined
  }

  /** Before `reclaim`, to give everything back. Unmaps first, as every detach does. */
  clear(): void {
    for (const attachment of this.#attached) attachment?.unmap()
    this.#attached.fill(undefined)
  }

  /** Under the lock, after recovery, or at the end. */
  reclaim(): void {
    const { control, removals } = this.#by
    removals.forgetUnderWay()
    for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
      const refcnt = control.words[control.slot(slot) + SLOT.refcnt]!
      if (refcnt === 1) this.#reclaimHalfDone(slot)
      else if (refcnt > 1) this.#reclaimReference(slot)
    }
  }

  #reclaimHalfDone(slot: number): void {
    const { control, token } = this.#by
    const owner = control.words[control.extra(slot) + EXTRA.owner]!
    if (tokenOfOwner(owner) !== token || this.#inFlight.has(slot)) return
    recordRemoving(control, slot, token)
    this.settle(slot)
  }

  #reclaimReference(slot: number): void {
    const { control, index, token } = this.#by
    const held = holds(control, slot, index)
    const wanted = this.#attached[slot] !== undefined
    if (held && !wanted) {
      if (dropReference(control, slot, index, token)) this.settle(slot)
    } else if (!held && wanted) addReference(control, slot, index)
  }

  /**
   * Under the lock, after the last reference or pin went. True: the slot's object is to be removed
   * outside the lock. Pages of the main region are free at once.
   */
  settle(slot: number): boolean {
    const { control } = this.#by
    const carved = isMainRegionHandle(control.words[control.slot(slot) + SLOT.handle]!)
    if (!carved || this.carving === null) return true
    this.carving.release(slot)
    return false
  }

  /** Does any slot name this member as the one who makes or removes it? */
  ownsAnything(): boolean {
    const { control, token } = this.#by
    for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
      if (control.words[control.slot(slot) + SLOT.refcnt] !== 1) continue
      if (tokenOfOwner(control.words[control.extra(slot) + EXTRA.owner]!) === token) return true
    }
    return false
  }
}
