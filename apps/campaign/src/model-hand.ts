/**
 * What the campaign `model` has done by a process: one request, one reply. The same code runs in
 * the campaign's own process and in the other one. With a canary it leaves something undone.
 */
import type { Dsm, Segment } from '@dsm/core'

export type HandRequest =
  | { readonly kind: 'create'; readonly size: number; readonly ownObject: boolean }
  | { readonly kind: 'attach' | 'detach' | 'listen' | 'pin' | 'unpin'; readonly handle: number }
  | { readonly kind: 'leave' }

export interface HandReply {
  /** create: of the new segment, 0 if all slots are taken; else the one that was asked for */
  readonly handle: number
  /** detach: callbacks that ran, in order */
  readonly ran: readonly number[]
  readonly problem: string | null
}

export interface HandOptions {
  readonly group: string
  readonly canary: string | null
}

const UNDONE_EVERY = 20

export class Hand {
  readonly #dsm: Dsm
  readonly #canary: string | null
  readonly #ran: number[] = []
  #callbacks = 0
  #chances = 0

  constructor(dsm: Dsm, canary: string | null) {
    this.#dsm = dsm
    this.#canary = canary
  }

  do(request: HandRequest): HandReply {
    this.#ran.length = 0
    try {
      const handle = this.#do(request)
      return { handle, ran: [...this.#ran], problem: null }
    } catch (error) {
      return { handle: 0, ran: [], problem: (error as Error).stack ?? String(error) }
    }
  }

  #do(request: HandRequest): number {
    switch (request.kind) {
      case 'create':
        return this.#create(request.size, request.ownObject)
      case 'attach':
        return this.#dsm.attach(request.handle)?.handle ?? 0
      case 'leave':
        this.#dsm.close()
        return 0
      default:
        return this.#change(request.kind, request.handle)
    }
  }

  #create(size: number, ownObject: boolean): number {
    const made = this.#dsm.create(size, { nullIfMaxSegments: true, ownObject })
    if (made === null) return 0
    if (made.bytes.some(byte => byte !== 0)) throw new Error(`segment ${made.handle} is not zero`)
    made.bytes.fill(made.handle & 0xff)
    return made.handle
  }

  #change(kind: 'detach' | 'listen' | 'pin' | 'unpin', handle: number): number {
    const forgets = this.#canary === kind && ++this.#chances % UNDONE_EVERY === 0
    if (forgets) return handle
    if (kind === 'unpin') this.#dsm.unpinSegment(handle)
    if (kind === 'pin') this.#mine(handle).pin()
    if (kind === 'listen') this.#listen(this.#mine(handle))
    if (kind === 'detach') this.#detach(this.#mine(handle))
    return handle
  }

  #listen(segment: Segment): void {
    segment.onDetach((_, number) => this.#ran.push(number), this.#callbacks++)
  }

  #detach(segment: Segment): void {
    const { bytes, handle } = segment
    if (bytes.some(byte => byte !== (handle & 0xff))) throw new Error(`${handle} has other bytes`)
    segment.detach()
    if (bytes.length !== 0) throw new Error('a view outlived detach')
  }

  #mine(handle: number): Segment {
    const segment = this.#dsm.findMapping(handle)
    if (segment === null) throw new Error(`segment ${handle} is not attached here`)
    return segment
  }
}
