/**
 * The `Dsm` of a member that has joined: it holds this member's segments and gives them out. All
 * that is shared is `@dsm/control`'s; no shared word is written here.
 */
import {
  type Attachment,
  DeathWatch,
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
import { AttachedSegments } from './attached-segments.js'
import { type DeathListener, DeathListeners } from './death-listeners.js'
import type { AsyncCreateOptions, AttachOptions, CreateOptions, Dsm } from './dsm.js'
import { closeAtExit, closedBeforeExit } from './environment.js'
import { Makings } from './makings.js'
import {
  checkNamed,
  findOrClaim,
  giveUpCut,
  makeNamed,
  makeNamedAsync,
  type Named,
} from './named-segments.js'
import { chooseOwner } from './owned-segments.js'
import type { Segment } from './segment.js'

export class JoinedDsm implements Dsm {
  readonly #group: OpenedGroup
  readonly #lockTimeoutMs: number
  readonly #sweeper: Sweeper
  readonly #deaths: DeathListeners
  readonly #segments: AttachedSegments
  readonly #makings = new Makings(making => giveUpCut(this, making))
  /** No operation begins any more. */
  #closed = false
  /** Nothing of us is in the group any more. */
  #left = false

  constructor(group: OpenedGroup, lockTimeoutMs: number) {
    this.#group = group
    this.#lockTimeoutMs = lockTimeoutMs
    this.#segments = new AttachedSegments(group.member)
    const watch = new DeathWatch(group.life.control, group.member.logger)
    this.#deaths = new DeathListeners(() => watch.look())
    this.#sweeper = new Sweeper(group.life, group.member, () => {
      this.#makings.settle()
      this.#deaths.tell()
    })
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
    if (attachment === null) return null
    const segment = this.#segments.add(attachment, owner)
    this.member.diagnostics.attached(handle, segment.size)
    return segment
  }

  findMapping(handle: number): Segment | null {
    this.#assertOpen('findMapping')
    checkHandle(handle)
    return this.#segments.find(handle)
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
    return this.#makings.during(key, making => {
      const found = runSync(findOrClaim(this, key, size, this.#lockTimeoutMs))
      if (found !== null) return { segment: found, created: false }
      return { segment: makeNamed(this, making, size, init, options), created: true }
    })
  }

  async getOrCreateAsync(
    name: string,
    size: number,
    init?: (segment: Segment) => void | Promise<void>,
    options?: CreateOptions,
  ): Promise<Named> {
    const key = this.#checkNamed(name, size, init, options)
    return this.#makings.duringAsync(key, async making => {
      const found = await runAsync(findOrClaim(this, key, size, this.#lockTimeoutMs))
      if (found !== null) return { segment: found, created: false }
      return { segment: await makeNamedAsync(this, making, size, init, options), created: true }
    })
  }

  lock(words: Int32Array, index: number): LWLock {
    this.#assertOpen('lock')
    return new LWLock(words, index, this.member.oracle, { timeoutMs: this.#lockTimeoutMs })
  }

  onMemberDeath(listener: DeathListener): Disposable {
    this.#assertOpen('onMemberDeath')
    return this.#deaths.add(listener)
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

  detachAll(): void {
    this.#segments.detachAll()
  }

  resetOnDetach(): void {
    this.#segments.reset()
  }

  close(): void {
    if (this.#left) return
    this.#closed = true
    const errors = this.#segments.detachWhateverThrows()
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
    if (options === undefined) return
    optionsObject('options', options)
    for (const name of ['nullIfMaxSegments', 'ownObject'] as const) {
      const flag = options[name]
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
    if (attachment !== null) {
      const segment = this.#segments.add(attachment, owner)
      this.member.diagnostics.created(segment.handle, segment.size)
      return segment
    }
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

  #assertOpen(op: string): void {
    if (this.#closed) throw closedError(op)
  }
}

const closedError = (op: string): DsmError =>
  new DsmError('DSM_CLOSED', 'this Dsm is closed; open the group again', { op })
