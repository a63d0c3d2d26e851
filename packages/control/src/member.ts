/**
 * One member of one life of a group, and the operations on segments: what is stored under the lock
 * and which system calls stand between two sections. It owns no policy: resource owners, callbacks
 * and the objects that users hold live in `@dsm/core`; joining and leaving in `bootstrap.ts`.
 *
 * Every operation is: begin, sections, system calls outside the lock, end. A segment belongs to this
 * member exactly if `#attached` says so; after a cut, the shared column is made to agree with it.
 */
import { DsmError, type DsmMapping, type DsmNamespace } from '@dsm/impl'
import type { LockFile } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { Creation, type Made } from './creation.js'
import { B, COUNTER, EXTRA, MEMBER, SLOT } from './layout.js'
import type { ControlLogger } from './logger.js'
import { MemberOracle } from './member-oracle.js'
import { tokenOfOwner } from './owner-word.js'
import { Recovery } from './recovery.js'
import { holds, isPinned } from './references.js'
import { goLive, leftBehind, type Registration } from './registration.js'
import { Removals } from './removal.js'
import { Section } from './section.js'
import { count, loadWide, publish } from './shared-words.js'
import { findSlot } from './slot-index.js'
import { addPin, addReference, dropPin, dropReference, recordRemoving } from './slot-life.js'

/** A segment that this member is attached to. */
export interface Attachment {
  readonly slot: number
  /** uint32, even */
  readonly handle: number
  /** bytes */
  readonly size: number
  readonly mapping: DsmMapping
}

export interface MemberOptions {
  readonly lockTimeoutMs: number
  readonly logger: ControlLogger
}

export class Member {
  readonly control: ControlSegment
  readonly namespace: DsmNamespace
  readonly index: number
  readonly token: number
  readonly oracle: MemberOracle
  readonly section: Section
  readonly removals: Removals
  readonly logger: ControlLogger
  readonly #recovery: Recovery
  readonly #creation: Creation
  readonly #attached: (Attachment | undefined)[] = []

  constructor(
    control: ControlSegment,
    namespace: DsmNamespace,
    file: LockFile,
    registration: Registration,
    options: MemberOptions,
  ) {
    this.control = control
    this.namespace = namespace
    this.index = registration.member
    this.token = registration.token
    this.logger = options.logger
    this.oracle = new MemberOracle(control, file, this.token)
    this.#recovery = new Recovery(control, file, this.token)
    this.section = new Section(
      control,
      this.oracle,
      this.#recovery,
      { finishAdopted: () => this.removals.finishAll(), reclaim: () => this.#reclaim() },
      options.lockTimeoutMs,
    )
    this.removals = new Removals(this)
    this.#creation = new Creation(this)
  }

  /** Under byte 0, after claiming the entry: becomes visible to the others. */
  join(): void {
    this.section.begin()
    this.section.enterAlways()
    if (leftBehind(this.control, this.index)) this.section.recover('joining')
    goLive(this.control, this.index)
    this.section.leave()
    this.removals.finishAll()
    this.section.end()
  }

  /** Seed: dsm_create. null: all slots are taken. @throws what `DsmNamespace.create` throws. */
  create(size: number): Attachment | null {
    return this.#creation.create(size, made => this.#keep(made, size))
  }

  createAsync(size: number, signal?: AbortSignal): Promise<Attachment | null> {
    return this.#creation.createAsync(size, signal, made => this.#keep(made, size))
  }

  #keep({ slot, handle, mapping }: Made, size: number): Attachment {
    const attachment = { slot, handle, size, mapping }
    this.#attached[slot] = attachment
    return attachment
  }

  /**
   * Seed: dsm_attach. The reference is counted under the lock, before mapping, so that no removal
   * can come between.
   * @returns null if the handle is unknown or its segment is going away.
   * @throws DSM_ALREADY_ATTACHED; what `DsmNamespace.attach` throws.
   */
  attach(handle: number): Attachment | null {
    const { control, section } = this
    section.beginAndEnter()
    const slot = this.#findLive(handle)
    const already = slot >= 0 && holds(control, slot, this.index)
    const size = slot < 0 ? 0 : loadWide(control.words, control.extra(slot) + EXTRA.size)
    if (slot >= 0 && !already) {
      addReference(control, slot, this.index)
      count(control.words, control.header(B.counters) + 2 * COUNTER.attached)
    }
    section.leave()
    if (slot >= 0 && !already) return this.#map(slot, handle, size)
    section.end()
    if (already) throw alreadyAttached(handle)
    return null
  }

  /** Seed: the end of dsm_attach. A mapping that fails goes the whole way of a detach. */
  #map(slot: number, handle: number, size: number): Attachment {
    let mapping: DsmMapping
    try {
      mapping = this.namespace.attach(handle, size)
    } catch (error) {
      this.#giveBack(slot)
      throw error
    }
    const attachment = { slot, handle, size, mapping }
    this.#attached[slot] = attachment
    this.section.end()
    return attachment
  }

  /**
   * Seed: dsm_detach, from the unmapping on. Unmaps first: whoever sees the count fall knows that
   * no mapping of ours remains. The last one out removes the object.
   * Never throws for what is shared: it warns, and a later operation does it.
   */
  detach(attachment: Attachment): void {
    const { slot } = attachment
    if (this.#attached[slot] !== attachment) return
    this.section.begin()
    this.#attached[slot] = undefined
    attachment.mapping.detach()
    this.#giveBack(slot)
  }

  /** Ends the operation if it succeeds; otherwise the next operation of this member mends. */
  #giveBack(slot: number): void {
    const { control, section } = this
    try {
      section.enterAlways()
      let dying = false
      if (holds(control, slot, this.index)) {
        dying = dropReference(control, slot, this.index, this.token)
        count(control.words, control.header(B.counters) + 2 * COUNTER.detached)
      }
      section.leave()
      if (dying) this.removals.finish(slot)
      section.end()
    } catch (error) {
      if (!DsmError.isInstance(error)) throw error
      this.logger.warn('could not give a reference back now; a later operation will', { error })
    }
  }

  /** Seed: dsm_pin_segment. @throws DSM_ALREADY_PINNED */
  pin(attachment: Attachment): void {
    this.section.beginAndEnter()
    const pinned = isPinned(this.control, attachment.slot)
    if (!pinned) addPin(this.control, attachment.slot)
    this.section.leave()
    this.section.end()
    if (pinned) throw pinError('DSM_ALREADY_PINNED', attachment.handle, 'is pinned already')
  }

  /**
   * Seed: dsm_unpin_segment: by handle, so that a member that is not attached can.
   * @throws DSM_UNKNOWN_HANDLE, DSM_NOT_PINNED
   */
  unpin(handle: number): void {
    const { control, section } = this
    section.beginAndEnter()
    const slot = this.#findLive(handle)
    const pinned = slot >= 0 && isPinned(control, slot)
    const dying = pinned && dropPin(control, slot, this.token)
    section.leave()
    if (dying) this.removals.finish(slot)
    section.end()
    if (slot < 0) throw pinError('DSM_UNKNOWN_HANDLE', handle, 'is unknown, or going away')
    if (!pinned) throw pinError('DSM_NOT_PINNED', handle, 'is not pinned')
  }

  /** References to this segment that were taken back from dead members so far. */
  abandoned(attachment: Attachment): number {
    return this.control.words[this.control.extra(attachment.slot) + EXTRA.abandoned]!
  }

  /** True while an object is being made on the thread pool: the member must not sign off then. */
  get jobsInFlight(): boolean {
    return this.#creation.inFlight.size > 0
  }

  /** Looks for the dead and for what could not be finished before. Seldom takes the lock. */
  sweep(): void {
    this.section.mend()
    const dead = this.#recovery.anyDead()
    if (!dead && !this.removals.pending) return
    this.section.beginAndEnter()
    if (dead) this.section.recover()
    this.section.leave()
    this.removals.finishAll()
    this.section.end()
  }

  /**
   * Gives the whole column back and signs off, if no slot names this member: from here on its entry
   * is nobody's. False: something is unfinished, and the member has to leave by death.
   */
  signOff(): boolean {
    if (this.jobsInFlight) return false
    this.section.begin()
    this.#attached.length = 0
    this.section.enterAlways()
    this.#reclaim()
    this.section.leave()
    this.removals.finishAll()
    this.section.enterAlways()
    const clean = !this.#ownsAnything()
    if (clean) {
      publish(this.control.words, this.control.member(this.index) + MEMBER.live, 0)
    }
    this.section.leave()
    this.section.end()
    return clean
  }

  #ownsAnything(): boolean {
    const { words, geometry } = this.control
    for (let slot = 0; slot < geometry.maxSegments; slot++) {
      if (words[this.control.slot(slot) + SLOT.refcnt] !== 1) continue
      if (tokenOfOwner(words[this.control.extra(slot) + EXTRA.owner]!) === this.token) return true
    }
    return false
  }

  /**
   * Under the lock, after a cut and a recovery, and at the end: our column becomes exactly what
   * `#attached` says, and a segment that a cut operation was making is to be removed.
   */
  #reclaim(): void {
    const { control } = this
    const { words, geometry } = control
    this.removals.forgetUnderWay()
    for (let slot = 0; slot < geometry.maxSegments; slot++) {
      const refcnt = words[control.slot(slot) + SLOT.refcnt]!
      if (refcnt === 1) {
        const ours = tokenOfOwner(words[control.extra(slot) + EXTRA.owner]!) === this.token
        if (ours && !this.#creation.inFlight.has(slot)) recordRemoving(control, slot, this.token)
      } else if (refcnt > 1) {
        const held = holds(control, slot, this.index)
        const wanted = this.#attached[slot] !== undefined
        if (held && !wanted) dropReference(control, slot, this.index, this.token)
        else if (!held && wanted) addReference(control, slot, this.index)
      }
    }
  }

  /** Under the lock. The slot of a live segment with this handle; -1: none. */
  #findLive(handle: number): number {
    const slot = findSlot(this.control, handle)
    return slot >= 0 && this.control.words[this.control.slot(slot) + SLOT.refcnt]! >= 2 ? slot : -1
  }
}

const alreadyAttached = (handle: number): DsmError =>
  new DsmError(
    'DSM_ALREADY_ATTACHED',
    `this member is attached to segment ${handle} already; findMapping(${handle}) returns it`,
    { op: 'attach' },
  )

const pinError = (
  code: 'DSM_ALREADY_PINNED' | 'DSM_NOT_PINNED' | 'DSM_UNKNOWN_HANDLE',
  handle: number,
  state: string,
): DsmError => new DsmError(code, `segment ${handle} ${state}`, { op: 'pin' })
