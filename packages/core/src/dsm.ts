/**
 * `Dsm`: one member's door to a group. It holds this member's segments and gives them out; all that
 * is shared is `@dsm/control`'s, and no shared word is written here.
 */
import {
  type Attachment,
  endLife,
  leaveGroup,
  type MemberInfo,
  members,
  type OpenedGroup,
  runSync,
  type SegmentInfo,
  Sweeper,
  segments,
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
import { closeAtExit, closedBeforeExit } from './environment.js'
import { AttachedSegment, type Segment, type SegmentHost } from './segment.js'

export interface CreateOptions {
  /** null instead of DSM_TOO_MANY_SEGMENTS when all slots are taken. */
  nullIfMaxSegments?: boolean
}

export interface AsyncCreateOptions extends CreateOptions {
  signal?: AbortSignal
}

export interface Dsm extends Disposable {
  readonly name: string
  readonly impl: DsmImpl
  /** This member's place in the group's table; 0 to maxMembers - 1. */
  readonly memberIndex: number
  readonly controlHandle: DsmHandle

  /**
   * Makes a segment and attaches this member to it. Zeroed, and wholly allocated.
   * Seed: dsm_create.
   * @param size bytes; 1 to `impl.sizeMax`
   * @throws TypeError, RangeError; DSM_TOO_MANY_SEGMENTS, DSM_NO_SPACE, DSM_NO_MEMORY, DSM_CLOSED, …
   */
  create(size: number, options: CreateOptions & { nullIfMaxSegments: true }): Segment | null
  create(size: number, options?: CreateOptions): Segment
  /** As `create`, allocating on the thread pool. Rejects with AbortError when aborted. */
  createAsync(
    size: number,
    options: AsyncCreateOptions & { nullIfMaxSegments: true },
  ): Promise<Segment | null>
  createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment>
  /**
   * Attaches this member to a segment. Seed: dsm_attach.
   * @returns null if the handle is unknown or its segment is going away.
   * @throws TypeError, RangeError (0, or no uint32); DSM_ALREADY_ATTACHED, DSM_FOREIGN, …
   */
  attach(handle: number): Segment | null
  /** This member's own segment of that handle, if it is attached. Seed: dsm_find_mapping. */
  findMapping(handle: number): Segment | null

  /** A lock in the users' own shared bytes, with this group's way of knowing who is dead. */
  lock(words: Int32Array, index: number): LWLock
  segments(): SegmentInfo[]
  members(): MemberInfo[]

  /** Every segment, newest first; the group stays joined. Seed: dsm_detach_all. */
  detachAll(): void
  /** Leaves: detachAll, member entry, control segment; the last one out removes everything.
   * Idempotent. Seed: dsm_backend_shutdown. */
  close(): void
  /** Ends this life of the group now, whoever is attached; the others get DSM_CLOSED and keep their
   * mappings. Seed: dsm_postmaster_shutdown. */
  shutdown(): void
  [Symbol.dispose](): void
}

export class OpenDsm implements Dsm, SegmentHost {
  readonly #group: OpenedGroup
  readonly #lockTimeoutMs: number
  readonly #sweeper: Sweeper
  /** In the order of attaching. */
  readonly #segments = new Map<number, AttachedSegment>()
  #closed = false

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
    return this.#group.member.index
  }

  get controlHandle(): DsmHandle {
    return this.#group.life.record.controlHandle as DsmHandle
  }

  create(size: number, options: CreateOptions & { nullIfMaxSegments: true }): Segment | null
  create(size: number, options?: CreateOptions): Segment
  create(size: number, options?: CreateOptions): Segment | null {
    this.#assertOpen('create')
    this.#checkCreate(size, options)
    return this.#hold(this.#group.member.create(size), options)
  }

  async createAsync(
    size: number,
    options: AsyncCreateOptions & { nullIfMaxSegments: true },
  ): Promise<Segment | null>
  async createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment>
  async createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment | null> {
    this.#assertOpen('createAsync')
    this.#checkCreate(size, options)
    const attachment = await this.#group.member.createAsync(size, options?.signal)
    if (attachment !== null && this.#closed) {
      this.#group.member.detach(attachment)
      throw closedError('createAsync')
    }
    return this.#hold(attachment, options)
  }

  attach(handle: number): Segment | null {
    this.#assertOpen('attach')
    checkHandle(handle)
    const attachment = this.#group.member.attach(handle)
    return attachment && this.#add(attachment)
  }

  findMapping(handle: number): Segment | null {
    this.#assertOpen('findMapping')
    checkHandle(handle)
    return this.#segments.get(handle) ?? null
  }

  lock(words: Int32Array, index: number): LWLock {
    this.#assertOpen('lock')
    return new LWLock(words, index, this.#group.member.oracle, {
      timeoutMs: this.#lockTimeoutMs,
    })
  }

  segments(): SegmentInfo[] {
    this.#assertOpen('segments')
    return segments(this.#group.member)
  }

  members(): MemberInfo[] {
    this.#assertOpen('members')
    return members(this.#group.member, this.#group.life.file)
  }

  forget(segment: AttachedSegment): void {
    this.#segments.delete(segment.handle)
  }

  detachAll(): void {
    for (const segment of [...this.#segments.values()].reverse()) segment.detach()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closedBeforeExit(this)
    this.#sweeper.stop()
    this.detachAll()
    runSync(leaveGroup(this.#group, this.#lockTimeoutMs))
  }

  shutdown(): void {
    if (this.#closed) return
    runSync(endLife(this.#group, this.#lockTimeoutMs))
    this.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #checkCreate(size: number, options: CreateOptions | undefined): void {
    integerBetween('size', size, 1, this.impl.sizeMax)
    optionsObject('options', options)
    const flag = options?.nullIfMaxSegments
    if (flag !== undefined && typeof flag !== 'boolean') {
      throw invalidType('options.nullIfMaxSegments', 'a boolean', flag)
    }
  }

  #hold(attachment: Attachment | null, options?: CreateOptions): Segment | null {
    if (attachment !== null) return this.#add(attachment)
    if (options?.nullIfMaxSegments === true) return null
    const { maxSegments } = this.#group.life.control.geometry
    throw new DsmError(
      'DSM_TOO_MANY_SEGMENTS',
      `all ${maxSegments} segments of group "${this.name}" are in use; detach some, or let the first ` +
        'opener make the group with a larger maxSegments',
      { op: 'create' },
    )
  }

  #add(attachment: Attachment): Segment {
    const segment = new AttachedSegment(this, attachment)
    this.#segments.set(segment.handle, segment)
    return segment
  }

  #assertOpen(op: string): void {
    if (this.#closed) throw closedError(op)
  }
}

const closedError = (op: string): DsmError =>
  new DsmError('DSM_CLOSED', 'this Dsm is closed; open the group again', { op })
