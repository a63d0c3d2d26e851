/**
 * A segment as one member sees it: its handle, its bytes, its end. Made by `Dsm.create` and
 * `Dsm.attach`, never by hand.
 * Seed: dsm_segment and its accessors, dsm_detach.
 */
import type { Attachment, Member } from '@dsm/control'
import { DsmError, type DsmHandle } from '@dsm/impl'

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
  /** What other languages can open: `/dsm.<nonce>.<handle>`, a path, a key. */
  readonly osName: string | null
  readonly detached: boolean
  /** References to this segment taken back from dead members so far. */
  readonly abandoned: number
  /**
   * Ends this member's view; the last one out frees the memory. Idempotent. Wait for streams,
   * sockets and compression that were given views of `buffer` before you detach: what is still in
   * flight reads zeros. Every view has length 0 afterwards.
   */
  detach(): void
  [Symbol.dispose](): void
}

/** What a segment needs of the Dsm that made it. */
export interface SegmentHost {
  readonly member: Member
  /** Called when the segment has been detached. */
  forget(segment: AttachedSegment): void
}

export class AttachedSegment implements Segment {
  readonly handle: DsmHandle
  readonly size: number
  readonly #host: SegmentHost
  readonly #attachment: Attachment
  #bytes: Uint8Array | null = null
  #detached = false

  constructor(host: SegmentHost, attachment: Attachment) {
    this.#host = host
    this.#attachment = attachment
    this.handle = attachment.handle as DsmHandle
    this.size = attachment.size
  }

  get buffer(): ArrayBuffer {
    return this.#attachment.mapping.buffer
  }

  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.buffer)
    return this.#bytes
  }

  get osName(): string | null {
    return this.#host.member.namespace.osName(this.handle)
  }

  get detached(): boolean {
    return this.#detached
  }

  get abandoned(): number {
    if (this.#detached) throw detachedError(this.handle)
    return this.#host.member.abandoned(this.#attachment)
  }

  detach(): void {
    if (this.#detached) return
    this.#detached = true
    this.#host.forget(this)
    this.#host.member.detach(this.#attachment)
  }

  [Symbol.dispose](): void {
    this.detach()
  }
}

const detachedError = (handle: number): DsmError =>
  new DsmError('DSM_DETACHED', `segment ${handle} was detached by this member`, { op: 'abandoned' })
