/**
 * The `Dsm` of a member that has joined: it holds this member's segments and gives them out. All
 * that is shared is `@dsm/control`'s; no shared word is written here.
 */
import {
  type Attachment,
  type DsmStats,
  endLife,
  leaveGroup,
  type MemberInfo,
  members,
  nameKey,
  type OpenedGroup,
  runAsync,
  runSync,
  type SegmentInfo,
  Sweeper,
  segments,
  stats,
} from '@dsm/control'
import {
  checkHandle,
  DsmError,
  type DsmHandle,
  type DsmImpl,
  integerBetween,
  invalidType,
  optionsObject,
} from '@dsm/impl'
import { LWLock } from '@dsm/lwlock'
import type { ResourceOwner } from '@dsm/resowner'
import type { AsyncCreateOptions, AttachOptions, CreateOptions, Dsm } from './dsm.js'
import { closeAtExit, closedBeforeExit } from './environment.js'
import { checkNamed, findOrClaim, makeNamed, makeNamedAsync, type Named } from './named-segments.js'
import { chooseOwner } from './owned-segments.js'
import { AttachedSegment, type Segment, type SegmentHost } from './segment.js'

export class JoinedDsm implements Dsm, SegmentHost {
  readonly #group: OpenedGroup
  readonly #lockTimeoutMs: number
  readonly #sweeper: Sweeper
  /** In the order of attaching. */
  readonly #segments = new Map<number, AttachedSegment>()
  /** Of `resetOnDetach`: attached for the count alone, once their segments are detached. */
  readonly #counted = new WeakSet<Attachment>()
  /** No operation begins any more. */
  #closed = false
  /** Nothing of us is in the group any more. */
  #left = false

  constructor(group: OpenedGroup, lockTimeoutMs: number) {
    this.#group = group
    this.#lockTimeoutMs = lockTimeoutMs
    this.#sweeper = new Sweeper(group.life, group.member)
    closeAtExit(this)
  }

  get name(): string {
    return this.#group.directory.name
  }

  get impl(): DsmImpl {
    return this.#group.impl
  }

  get member(): OpenedGroup['member'] {
    return this.#group.member
  }

  get memberIndex(): number {
    return this.member.index
  }

  get controlHandle(): DsmHandle {
    return this.#group.life.record.controlHandle as DsmHandle
  }

  create(size: number, options: CreateOptions & { nullIfMaxSegments: true }): Segment | null
  create(size: number, options?: CreateOptions): Segment
  create(size: number, options?: CreateOptions): Segment | null {
    this.#assertOpen('create')
    this.#checkCreate(size, options)
    const owner = chooseOwner(options?.owner)
    owner?.enlarge()
    return this.#hold(this.member.create(size, options?.ownObject), owner, options)
  }

  async createAsync(
    size: number,
    options: AsyncCreateOptions & { nullIfMaxSegments: true },
  ): Promise<Segment | null>
  async createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment>
  async createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment | null> {
    this.#assertOpen('createAsync')
    this.#checkCreate(size, options)
    const owner = chooseOwner(options?.owner)
    let attachment: Attachment | null
    try {
      attachment = await this.member.createAsync(size, options?.signal, options?.ownObject)
    } catch (error) {
      if (this.#closed) this.#leaveIfIdle()
      throw error
    }
    if (this.#closed) {
      if (attachment !== null) this.member.detach(attachment)
      this.#leaveIfIdle()
      throw closedError('createAsync')
    }
    return this.#holdLate(attachment, owner, options)
  }

  attach(handle: number, options?: AttachOptions): Segment | null {
    this.#assertOpen('attach')
    checkHandle(handle)
    optionsObject('options', options)
    const owner = chooseOwner(options?.owner)
    owner?.enlarge()
    const attachment = this.member.attach(handle)
    return attachment && this.#add(attachment, owner)
  }

  findMapping(handle: number): Segment | null {
    this.#assertOpen('findMapping')
    checkHandle(handle)
    return this.#find(handle)
  }

  unpinSegment(handle: number): void {
    this.#assertOpen('unpinSegment')
    checkHandle(handle)
    this.member.unpin(handle)
  }

  publish(name: string, handle: number): void {
    this.#assertOpen('publish')
    checkHandle(handle)
    this.member.names.publish(nameKey(name), handle)
  }

  unpublish(name: string): boolean {
    this.#assertOpen('unpublish')
    return this.member.names.unpublish(nameKey(name))
  }

  lookup(name: string): DsmHandle | null {
    this.#assertOpen('lookup')
    return this.member.names.lookup(nameKey(name))
  }

  getOrCreate(
    name: string,
    size: number,
    init?: (segment: Segment) => void,
    options?: CreateOptions,
  ): Named {
    const key = this.#checkNamed(name, size, init, options)
    const found = runSync(findOrClaim(this, key, size, this.#lockTimeoutMs))
    if (found !== null) return { segment: found, created: false }
    return { segment: makeNamed(this, key, size, init, options), created: true }
  }

  async getOrCreateAsync(
    name: string,
    size: number,
    init?: (segment: Segment) => void | Promise<void>,
    options?: CreateOptions,
  ): Promise<Named> {
    const key = this.#checkNamed(name, size, init, options)
    const found = await runAsync(findOrClaim(this, key, size, this.#lockTimeoutMs))
    if (found !== null) return { segment: found, created: false }
    return { segment: await makeNamedAsync(this, key, size, init, options), created: true }
  }

  lock(words: Int32Array, index: number): LWLock {
    this.#assertOpen('lock')
    return new LWLock(words, index, this.member.oracle, { timeoutMs: this.#lockTimeoutMs })
  }

  segments(): SegmentInfo[] {
    this.#assertOpen('segments')
    return segments(this.member)
  }

  members(): MemberInfo[] {
    this.#assertOpen('members')
    return members(this.member, this.#group.life.file)
  }

  stats(): DsmStats {
    this.#assertOpen('stats')
    return stats(this.member)
  }

  forget(segment: AttachedSegment): void {
    if (this.#segments.get(segment.handle) === segment) this.#segments.delete(segment.handle)
  }

  detachAll(): void {
    for (const { handle } of this.member.attachments) this.#find(handle)
    for (const segment of this.#newestFirst()) segment.detach()
  }

  resetOnDetach(): void {
    for (const attachment of this.member.attachments) this.#counted.add(attachment)
    for (const segment of this.#segments.values()) segment.reset()
  }

  close(): void {
    if (this.#left) return
    this.#closed = true
    const errors = this.#detachWhateverThrows()
    this.#leaveIfIdle()
    if (errors.length > 0) throw errors[0]
  }

  shutdown(): void {
    if (this.#left) return
    if (!this.#closed) runSync(endLife(this.#group, this.#lockTimeoutMs))
    this.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #newestFirst(): AttachedSegment[] {
    return [...this.#segments.values()].reverse()
  }

  /**
   * A callback that throws is off its segment: the next detach goes on without it.
   * @throws RangeError for want of stack: the next try would fail, too, and without end
   */
  #detachWhateverThrows(): unknown[] {
    const errors: unknown[] = []
    while (this.#segments.size > 0) {
      try {
        this.detachAll()
      } catch (error) {
        if (isOverflow(error)) throw error
        errors.push(error)
      }
    }
    return errors
  }

  /**
   * While an object is being made on the thread pool, the member stays in: whoever made it leaves.
   * At the end of the process that means leaving by death.
   */
  #leaveIfIdle(): void {
    if (this.member.jobsInFlight) return
    runSync(leaveGroup(this.#group, this.#lockTimeoutMs))
    // Only now: should this be cut, the sweeper mends it, and closing again or the exit goes on.
    this.#left = true
    this.#sweeper.stop()
    closedBeforeExit(this)
  }

  #checkCreate(size: number, options: CreateOptions | undefined): void {
    integerBetween('size', size, 1, this.impl.sizeMax)
    optionsObject('options', options)
    for (const name of ['nullIfMaxSegments', 'ownObject'] as const) {
      const flag = options?.[name]
      if (flag === undefined || typeof flag === 'boolean') continue
      throw invalidType(`options.${name}`, 'a boolean', flag)
    }
  }

  #checkNamed(name: string, size: number, init: unknown, options: CreateOptions | undefined) {
    this.#assertOpen('getOrCreate')
    this.#checkCreate(size, options)
    return checkNamed(name, init)
  }

  /** The owner was enlarged before anything shared was touched. */
  #hold(
    attachment: Attachment | null,
    owner: ResourceOwner | null,
    options?: CreateOptions,
  ): Segment | null {
    if (attachment !== null) return this.#add(attachment, owner)
    if (options?.nullIfMaxSegments === true) return null
    const { maxSegments } = this.#group.life.control.geometry
    throw new DsmError(
      'DSM_TOO_MANY_SEGMENTS',
      `all ${maxSegments} segments of group "${this.name}" are in use; detach some, or let the ` +
        'first opener make the group with a larger maxSegments',
      { op: 'create' },
    )
  }

  /** After an await the owner may have ended: then nobody would detach the segment. */
  #holdLate(
    attachment: Attachment | null,
    owner: ResourceOwner | null,
    options?: CreateOptions,
  ): Segment | null {
    try {
      if (attachment !== null) owner?.enlarge()
    } catch (error) {
      if (attachment !== null) this.member.detach(attachment)
      throw error
    }
    return this.#hold(attachment, owner, options)
  }

  /**
   * A cut (a `vm` timeout) between attaching and telling us, or between `forget` and detaching,
   * leaves the member a segment that nobody here knows. It is given out again, without an owner.
   */
  #find(handle: number): Segment | null {
    const known = this.#segments.get(handle)
    if (known !== undefined && !known.detached) return known
    const stray = this.member.attachments.find(attachment => attachment.handle === handle)
    return stray === undefined || this.#counted.has(stray) ? null : this.#add(stray, null)
  }

  #add(attachment: Attachment, owner: ResourceOwner | null): Segment {
    const segment = new AttachedSegment(this, attachment)
    this.#segments.set(segment.handle, segment)
    if (owner !== null) segment.ownedBy(owner)
    return segment
  }

  #assertOpen(op: string): void {
    if (this.#closed) throw closedError(op)
  }
}

const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message === 'Maximum call stack size exceeded'

const closedError = (op: string): DsmError =>
  new DsmError('DSM_CLOSED', 'this Dsm is closed; open the group again', { op })
