/**
 * One member of one life of a group, and the operations on segments: what is stored under the lock
 * and which system calls stand between two sections. It owns no policy: resource owners, callbacks
 * and the objects that users hold live in `@dsm/core`; joining and leaving in `open-group.ts` and
 * `leave-group.ts`.
 *
 * Every operation is: begin, sections, system calls outside the lock, end. A segment belongs to
 * this member exactly if its `Column` says so; after a cut, the shared column is made to agree with
 * it.
 */
import { DsmError, type DsmMapping, type DsmNamespace, isMainRegionHandle } from '@dsm/impl'
import type { LockFile } from '@dsm/lwlock'
import { type Attachment, unmap } from './attachment.js'
import { alreadyAttached, pinError } from './attachment-errors.js'
import { Carving, isLarge } from './carving.js'
import { Column } from './column.js'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import { Creation, type Made } from './creation.js'
import { Diagnostics } from './diagnostics.js'
import { B, COUNTER, EXTRA, MEMBER } from './layout.js'
import type { ControlLogger } from './logger.js'
import { MainRegion } from './main-region.js'
import { MemberOracle } from './member-oracle.js'
import { Naming } from './naming.js'
import { Recovery } from './recovery.js'
import { holds, isPinned } from './references.js'
import { goLive, leftBehind, type Registration } from './registration.js'
import { Removals } from './removal.js'
import { Section } from './section.js'
import { loadWide, publish, store } from './shared-words.js'
import { findLive } from './slot-index.js'
import { addPin, addReference, dropPin, dropReference } from './slot-life.js'

export interface MemberOptions {
  /** The group's name. */
  readonly group: string
  readonly lockTimeoutMs: number
  readonly logger: ControlLogger
}

/** One open member of a life: its operations on the shared table. */
export class Member {
  readonly control: ControlSegment
  readonly namespace: DsmNamespace
  readonly index: number
  readonly token: number
  readonly oracle: MemberOracle
  readonly section: Section
  readonly removals: Removals
  readonly names: Naming
  readonly logger: ControlLogger
  readonly diagnostics: Diagnostics
  readonly #recovery: Recovery
  readonly #creation: Creation
  readonly #column: Column
  /** null in a group without a main region. */
  #region: MainRegion | null = null
  #carving: Carving | null = null

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
    this.diagnostics = new Diagnostics(options.group, this.index)
    this.oracle = new MemberOracle(control, file, this.token)
    this.#recovery = new Recovery(control, file, this.token)
    this.section = new Section(
      control,
      this.oracle,
      this.#recovery,
      {
        finishAdopted: () => this.removals.finishAll(),
        recovered: tookOver => this.diagnostics.recovered(tookOver),
        reclaim: () => this.#column.reclaim(),
      },
      options.lockTimeoutMs,
    )
    this.removals = new Removals(this)
    this.names = new Naming(this)
    this.#creation = new Creation(this)
    this.#column = new Column(this, this.#creation.inFlight)
  }

  /** Under byte 0, after claiming the entry: becomes visible to the others. */
  join(): void {
    this.section.begin()
    const tookOver = this.section.enterToJoin()
    if (tookOver || leftBehind(this.control, this.index)) this.section.recover('joining')
    goLive(this.control, this.index)
    this.section.expectLive(true)
    this.section.leave()
    this.removals.finishAll()
    this.section.end()
  }

  /**
   * The first member makes the main region; nobody else can be in before byte 0 is given back. Its
   * segment is pinned for the life's time and not counted as attached by anybody.
   */
  makeRegion(size: number): void {
    const { control, section } = this
    const made = this.#creation.create(size, whole => whole)
    if (made === null) throw new Error('a new group has a free slot')
    const region = new MainRegion(control, made.slot, made.mapping)
    this.useRegion(region)
    section.beginAndEnter()
    addPin(control, made.slot)
    dropReference(control, made.slot, this.index, this.token)
    store(control.words, control.header(B.mainRegionSlot), made.slot + 1)
    region.rebuild()
    section.leave()
    section.end()
  }

  /** Before `join` for everybody else, as joining may have to recover. */
  useRegion(region: MainRegion): void {
    this.#region = region
    this.#recovery.region = region
    this.#carving = new Carving(this, region)
    this.#column.carving = this.#carving
  }

  /** Null in a group without one. */
  get region(): MainRegion | null {
    return this.#region
  }

  /**
   * Seed: dsm_create. From the main region if there is one with room, unless it is to be an object
   * of its own. null: all slots are taken. @throws what `DsmNamespace.create` throws.
   */
  create(size: number, ownObject = false): Attachment | null {
    const carved = ownObject ? null : this.#carve(size)
    return carved ?? this.#creation.create(size, made => this.#keep(made, size))
  }

  /** As `create`, allocating on the thread pool. */
  async createAsync(
    size: number,
    signal?: AbortSignal,
    ownObject = false,
  ): Promise<Attachment | null> {
    const carved = ownObject ? null : this.#carve(size)
    return carved ?? this.#creation.createAsync(size, signal, made => this.#keep(made, size))
  }

  /** null: no main region, or no room in it. What the dead have there is had back first. */
  #carve(size: number): Attachment | null {
    const { section } = this
    const carving = this.#carving
    if (carving === null || this.#region === null || size > this.#region.sizeMax) return null
    section.beginAndEnter()
    let slot = carving.carve(size)
    const recovering = slot < 0 && this.#recovery.anyDead()
    if (recovering) {
      section.recover()
      slot = carving.carve(size)
    }
    section.leave()
    if (slot >= 0 && isLarge(size)) carving.finishLarge(slot)
    const made = slot < 0 ? null : this.#column.keepCarved(slot, size)
    if (recovering) this.removals.finishAll()
    section.end()
    return made
  }

  #keep({ slot, handle, mapping }: Made, size: number): Attachment {
    return this.#column.keep(slot, handle, size, mapping)
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
    const slot = findLive(control, handle)
    const already = slot >= 0 && holds(control, slot, this.index)
    const size = slot < 0 ? 0 : loadWide(control.words, control.extra(slot) + EXTRA.size)
    if (slot >= 0 && !already) {
      addReference(control, slot, this.index)
      count(control, COUNTER.attached)
    }
    section.leave()
    const attached = slot < 0 || already ? null : this.#keepAttached(slot, handle, size)
    section.end()
    if (already) throw alreadyAttached(handle)
    return attached
  }

  #keepAttached(slot: number, handle: number, size: number): Attachment {
    const mapping = isMainRegionHandle(handle) ? null : this.#map(slot, handle, size)
    return this.#column.keep(slot, handle, size, mapping)
  }

  /** Seed: the end of dsm_attach. A mapping that fails goes the whole way of a detach. */
  #map(slot: number, handle: number, size: number): DsmMapping {
    try {
      return this.namespace.attach(handle, size)
    } catch (error) {
      this.#giveBack(slot, handle)
      throw error
    }
  }

  /**
   * Seed: dsm_detach, from the unmapping on. Unmaps first: whoever sees the count fall knows that
   * no mapping of ours remains. The last one out removes the object.
   * Never throws for what is shared: it warns, and a later operation does it. The caller has made
   * sure of the stack (`section.assertRoom`), or is called from the event loop.
   */
  detach(attachment: Attachment): void {
    if (!this.#column.has(attachment)) return
    const reason = this.#tryBegin()
    this.#column.drop(attachment)
    unmap(attachment, this.logger)
    if (reason === null) this.#giveBack(attachment.slot, attachment.handle)
    else this.logger.warn('could not give a reference back: this life is over', { error: reason })
  }

  /** What keeps an operation from beginning; null: it has begun. */
  #tryBegin(): DsmError | null {
    try {
      this.section.beginInRoom()
      return null
    } catch (error) {
      if (DsmError.isInstance(error)) return error
      throw error
    }
  }

  /** Ends the operation if it succeeds; otherwise the next operation of this member mends. */
  #giveBack(slot: number, handle: number): void {
    const { control, section } = this
    try {
      section.enterAlways()
      const held = holds(control, slot, this.index)
      const last = held && dropReference(control, slot, this.index, this.token)
      const dying = last && this.#column.settle(slot)
      if (held) count(control, COUNTER.detached)
      section.leave()
      if (dying) this.removals.finish(slot)
      section.end()
      if (last && !dying) this.diagnostics.destroyed(handle)
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
    const slot = findLive(control, handle)
    const pinned = slot >= 0 && isPinned(control, slot)
    const last = pinned && dropPin(control, slot, this.token)
    const dying = last && this.#column.settle(slot)
    section.leave()
    if (dying) this.removals.finish(slot)
    section.end()
    if (last && !dying) this.diagnostics.destroyed(handle)
    if (slot < 0) throw pinError('DSM_UNKNOWN_HANDLE', handle, 'is unknown, or going away')
    if (!pinned) throw pinError('DSM_NOT_PINNED', handle, 'is not pinned')
  }

  /** Is this member attached to a segment of that handle? */
  isAttached(handle: number): boolean {
    return this.#column.isAttached(handle)
  }

  /** All that this member is attached to. It decides, also where a cut kept others from hearing. */
  get attachments(): readonly Attachment[] {
    return this.#column.all
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
    if (!dead && !this.removals.pending && !this.section.ownerIsDead) return
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
    this.#column.clear()
    this.section.enterAlways()
    this.#column.reclaim()
    this.section.leave()
    this.removals.finishAll()
    this.section.enterAlways()
    const clean = !this.#column.ownsAnything()
    if (clean) {
      this.section.expectLive(false)
      publish(this.control.words, this.control.member(this.index) + MEMBER.live, 0)
    }
    this.section.leave()
    this.section.end()
    return clean
  }
}
