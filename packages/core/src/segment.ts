/**
 * A segment as one member sees it: its handle, its bytes, its end. Made by `Dsm.create` and
 * `Dsm.attach`, never by hand.
 * Seed: dsm_segment and its accessors, dsm_detach, the pin functions, on_dsm_detach.
 */
import type { Attachment, Member } from '@dsm/control'
import { DsmError, type DsmHandle, invalidType, isMainRegionHandle } from '@dsm/impl'
import { abandonSectionsIn, anySectionOpen } from '@dsm/lwlock'
import { ResourceOwner } from '@dsm/resowner'
import { DetachCallbacks } from './detach-callbacks.js'
import { SEGMENTS } from './owned-segments.js'

/** One member's attachment to a segment. */
export interface Segment extends Disposable {
  /** uint32; send it to another process by any means. */
  readonly handle: DsmHandle
  /** Bytes, exactly as asked. */
  readonly size: number
  /** The mapping, made on first use; the same object ever after. Length 0 after detach.
   * Throws DSM_DETACHED if first asked for then. */
  readonly buffer: ArrayBuffer
  /** All of `buffer`. */
  readonly bytes: Uint8Array
  /** What other languages can open: `/dsm.<nonce>.<handle>`, a path, a key. null in the main
   * region. */
  readonly osName: string | null
  readonly detached: boolean
  /** References to this segment taken back from dead members so far. Throws DSM_DETACHED. */
  readonly abandoned: number

  /** Keeps the segment without any member attached, until somebody unpins it or the group ends.
   * This member's mapping is another matter: `pinMapping`. Throws DSM_ALREADY_PINNED.
   * Seed: dsm_pin_segment. */
  pin(): void
  /** Throws DSM_NOT_PINNED. Seed: dsm_unpin_segment. */
  unpin(): void
  /** From now on no resource owner detaches this segment. Idempotent. Seed: dsm_pin_mapping. */
  pinMapping(): void
  /** From now on this owner, or the current one, detaches it. Throws ERR_INVALID_STATE if it has
   * an owner, TypeError if there is none to give it to. Seed: dsm_unpin_mapping. */
  unpinMapping(owner?: ResourceOwner): void

  /**
   * Calls back before this member's mapping goes: newest first, each once, with the segment still
   * mapped. A callback may register others, and detach any segment. What it throws passes through
   * `detach`, and the next detach goes on with the rest. Seed: on_dsm_detach.
   * @returns takes the callback off when disposed of
   */
  onDetach<T>(callback: (segment: Segment, arg: T) => void, arg: T): Disposable
  /** The same, without an argument. */
  onDetach(callback: (segment: Segment) => void): Disposable
  /** Takes the newest equal pair off; silent if there is none. Seed: cancel_on_dsm_detach. */
  cancelOnDetach<T>(callback: (segment: Segment, arg: T) => void, arg: T): void
  /** The same, without an argument. */
  cancelOnDetach(callback: (segment: Segment) => void): void

  /**
   * Ends this member's view; the last one out frees the memory. Idempotent. Wait for streams,
   * sockets and compression that were given views of `buffer` before you detach: what is still in
   * flight reads zeros. Every view has length 0 afterwards.
   * @throws what a callback throws; the segment is attached then, and detached by the next call
   */
  detach(): void
  /** detach() */
  [Symbol.dispose](): void
}

/** What a segment needs of those who hold it. */
export interface SegmentHost {
  readonly member: Member
  /** Called when the segment has been detached. */
  forget(segment: AttachedSegment): void
}

export class AttachedSegment implements Segment {
  readonly #host: SegmentHost
  readonly #attachment: Attachment
  /** Its neighbours in the member's list (`SegmentList`). */
  newer: AttachedSegment | null = null
  older: AttachedSegment | null = null
  /** null until the first is registered. */
  #callbacks: DetachCallbacks<Segment> | null = null
  #owner: ResourceOwner | null = null
  #bytes: Uint8Array | null = null
  #detached = false
  /** False after `resetOnDetach`: the reference stays counted until the member leaves. */
  #givesBack = true

  constructor(host: SegmentHost, attachment: Attachment) {
    this.#host = host
    this.#attachment = attachment
  }

  get handle(): DsmHandle {
    return this.#attachment.handle as DsmHandle
  }

  get size(): number {
    return this.#attachment.size
  }

  get buffer(): ArrayBuffer {
    return this.#attachment.mapping.buffer
  }

  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.buffer)
    return this.#bytes
  }

  get osName(): string | null {
    if (isMainRegionHandle(this.handle)) return null
    return this.#host.member.namespace.osName(this.handle)
  }

  get detached(): boolean {
    return this.#detached
  }

  get abandoned(): number {
    this.#assertAttached('abandoned')
    return this.#host.member.abandoned(this.#attachment)
  }

  pin(): void {
    this.#assertAttached('pin')
    this.#host.member.pin(this.#attachment)
  }

  unpin(): void {
    this.#assertAttached('unpin')
    this.#host.member.unpin(this.handle)
  }

  pinMapping(): void {
    this.#assertAttached('pinMapping')
    const owner = this.#owner
    this.#owner = null
    owner?.forget(this, SEGMENTS)
  }

  unpinMapping(owner: ResourceOwner | null = ResourceOwner.current): void {
    this.#assertAttached('unpinMapping')
    if (owner === null) {
      throw invalidType('owner', 'a ResourceOwner where no owner is current', undefined)
    }
    if (this.#owner !== null) throw hasOwner(this.handle)
    owner.enlarge()
    this.ownedBy(owner)
  }

  /** The owner was enlarged before. */
  ownedBy(owner: ResourceOwner): void {
    this.#owner = owner
    owner.remember(this, SEGMENTS)
  }

  onDetach<T>(callback: (segment: Segment, arg: T) => void, arg?: T): Disposable {
    this.#assertAttached('onDetach')
    if (typeof callback !== 'function') throw invalidType('callback', 'a function', callback)
    this.#callbacks ??= new DetachCallbacks()
    return this.#callbacks.push(callback, arg as T)
  }

  cancelOnDetach<T>(callback: (segment: Segment, arg: T) => void, arg?: T): void {
    this.#callbacks?.cancel(callback, arg as T)
  }

  /** Seed: reset_on_dsm_detach, for one segment. */
  reset(): void {
    this.#callbacks?.clear()
    this.#givesBack = false
  }

  detach(): void {
    const again = this.#detached
    if (!again) {
      this.#callbacks?.run(this)
      if (this.#detached) return // a callback detached it
    }
    this.#host.member.section.assertRoom() // what cannot begin can be tried again
    if (!again && anySectionOpen()) abandonSectionsIn(this.buffer)
    this.#detached = true
    this.#letGo()
    if (!again) this.#host.member.diagnostics.detached(this.handle)
  }

  /** All of it can be done again: the one before may have been cut (a `vm` timeout) anywhere. */
  #letGo(): void {
    if (this.#owner !== null) this.#leaveOwner(this.#owner)
    this.#host.forget(this)
    if (this.#givesBack) this.#host.member.detach(this.#attachment)
    else this.#attachment.unmap()
  }

  [Symbol.dispose](): void {
    this.detach()
  }

  /**
   * An owner in the middle of its release lets only the resource go that it is releasing. Another
   * of its segments, detached by a callback, is released later, and that finds it detached.
   */
  #leaveOwner(owner: ResourceOwner): void {
    this.#owner = null
    try {
      owner.forget(this, SEGMENTS)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_STATE') throw error
    }
  }

  #assertAttached(op: string): void {
    if (!this.#detached) return
    throw new DsmError(
      'DSM_DETACHED',
      `segment ${this.handle} was detached by this member; attach it again`,
      { op },
    )
  }
}

const hasOwner = (handle: number): Error =>
  Object.assign(new Error(`segment ${handle} has an owner already; pinMapping takes it away`), {
    code: 'ERR_INVALID_STATE',
  })
