/**
 * `Dsm`: one member's door to a group, as users see it. What is behind it stands in
 * `joined-dsm.ts`.
 */
import type { DsmStats, MemberDeath, MemberInfo, SegmentInfo } from '@dsm/control'
import type { DsmHandle, DsmImpl } from '@dsm/impl'
import type { LWLock } from '@dsm/lwlock'
import type { ResourceOwner } from '@dsm/resowner'
import type { Named } from './named-segments.js'
import type { Segment } from './segment.js'

/** How a segment is to be made. */
export interface CreateOptions {
  /** null instead of DSM_TOO_MANY_SEGMENTS when all slots are taken. */
  nullIfMaxSegments?: boolean
  /** Who detaches the segment. Default: the current owner; null: nobody, until detach or close. */
  owner?: ResourceOwner | null
  /** Never carved from the main region: has an osName that other languages can open. */
  ownObject?: boolean
}

/** How a segment is to be attached. */
export interface AttachOptions {
  /** As `CreateOptions.owner`. */
  owner?: ResourceOwner | null
}

/** As `CreateOptions`, and how to give it up. */
export interface AsyncCreateOptions extends CreateOptions {
  signal?: AbortSignal
}

/** One member of a group: what `openDsm` gives. */
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
   * @throws TypeError, RangeError; DSM_TOO_MANY_SEGMENTS, DSM_NO_SPACE, DSM_NO_MEMORY, DSM_CLOSED,
   *   …
   */
  create(size: number, options: CreateOptions & { nullIfMaxSegments: true }): Segment | null
  /** As above; throws where the other gives null. */
  create(size: number, options?: CreateOptions): Segment
  /** As `create`, allocating on the thread pool. Rejects with AbortError when aborted. */
  createAsync(
    size: number,
    options: AsyncCreateOptions & { nullIfMaxSegments: true },
  ): Promise<Segment | null>
  /** As above; rejects where the other gives null. */
  createAsync(size: number, options?: AsyncCreateOptions): Promise<Segment>
  /**
   * Attaches this member to a segment. Seed: dsm_attach.
   * @returns null if the handle is unknown or its segment is going away.
   * @throws TypeError, RangeError (0, or no uint32); DSM_ALREADY_ATTACHED, DSM_FOREIGN, …
   */
  attach(handle: number, options?: AttachOptions): Segment | null
  /** This member's own segment of that handle, if it is attached. Seed: dsm_find_mapping. */
  findMapping(handle: number): Segment | null

  /**
   * Takes a segment's pin away; a member need not be attached to it. Seed: dsm_unpin_segment.
   * @throws DSM_UNKNOWN_HANDLE, DSM_NOT_PINNED
   */
  unpinSegment(handle: number): void

  /**
   * Gives a live segment a name of 1 to 48 bytes of UTF-8, or moves the name to it: others see the
   * old segment or the new one. The name goes with the segment, and keeps it no longer.
   * @throws DSM_UNKNOWN_HANDLE; DSM_TOO_MANY_SEGMENTS if there are as many names as maxSegments
   */
  publish(name: string, handle: number): void
  /** False: nothing bore that name. */
  unpublish(name: string): boolean
  /** null: no live segment bears that name. */
  lookup(name: string): DsmHandle | null
  /**
   * The segment of that name, attached; made where there is none. `init` runs in exactly one member
   * while the others wait; where it throws, or its process dies, nothing stays and the next caller
   * runs it; where a `vm` timeout stopped it, too, within a second of event loop. The segment lives
   * as long as somebody is attached to it, or it is pinned.
   * Seed: GetNamedDSMSegment (PostgreSQL 17).
   * @throws DSM_SIZE_MISMATCH; DSM_LOCK_TIMEOUT while another one is in `init`; DSM_LOCK_HELD from
   *   within the same `init`; what `create` and `init` throw
   */
  getOrCreate(
    name: string,
    size: number,
    init?: (segment: Segment) => void,
    options?: CreateOptions,
  ): Named
  /** As `getOrCreate`, waiting between turns of the event loop; `init` may be asynchronous. */
  getOrCreateAsync(
    name: string,
    size: number,
    init?: (segment: Segment) => void | Promise<void>,
    options?: CreateOptions,
  ): Promise<Named>

  /** A lock in the users' own shared bytes, with this group's way of knowing who is dead. */
  lock(words: Int32Array, index: number): LWLock
  /**
   * Calls back for each member that dies without leaving: from this member's timer, about two
   * seconds late at most, whichever member recovered what it held. Not for those who died before
   * this member joined. What a listener throws is an uncaught exception.
   * @returns takes the listener off when disposed of
   */
  onMemberDeath(listener: (death: MemberDeath) => void): Disposable
  /** Every segment of the group, from a copy of the table. */
  segments(): SegmentInfo[]
  /** Every member of the group, dead ones that were not cleared away yet too. */
  members(): MemberInfo[]

  /** Counters since the life of the group began, and the pages of the main region. */
  stats(): DsmStats

  /** Every segment, newest first; the group stays joined. Seed: dsm_detach_all.
   * @throws what a callback throws; the next call goes on with the rest */
  detachAll(): void
  /** Drops the callbacks of all segments unrun. What is detached from here on is unmapped, but its
   * reference stays counted until `close`. Seed: reset_on_dsm_detach. */
  resetOnDetach(): void
  /** Leaves: detachAll, member entry, control segment; the last one out removes everything.
   * Idempotent. Seed: dsm_backend_shutdown.
   * @throws the first error of a callback, when all the rest is done */
  close(): void
  /** Ends this life of the group now, whoever is attached; the others get DSM_CLOSED and keep their
   * mappings. Seed: dsm_postmaster_shutdown. */
  shutdown(): void
  /** close() */
  [Symbol.dispose](): void
}
