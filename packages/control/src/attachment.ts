/**
 * A segment that this member is attached to, privately: where it stands and its mapping. One class
 * with one constructor, and the handle kept as an int32, so that every operation sees one shape
 * and none allocates a number. The view of a carved segment is made when it is asked for: most are
 * made, handed on and let go of without.
 */
import { DsmError, type DsmMapping, isNativeFailure } from '@dsm/impl'
import type { ControlLogger } from './logger.js'

/** Makes a member's views of the main region. */
export interface Viewer {
  view(slot: number, size: number): DsmMapping
}

export class Attachment {
  readonly slot: number
  /** bytes */
  readonly size: number
  readonly #handle: number
  readonly #viewer: Viewer | null
  #mapping: DsmMapping | null
  #unmapped = false

  /** Of an object's mapping, or of pages that `viewer` shows: one of the two is null. */
  constructor(
    slot: number,
    handle: number,
    size: number,
    mapping: DsmMapping | null,
    viewer: Viewer | null,
  ) {
    this.slot = slot
    this.size = size
    this.#handle = handle | 0
    this.#mapping = mapping
    this.#viewer = viewer
  }

  /** uint32; odd if it is carved from the main region */
  get handle(): number {
    return this.#handle >>> 0
  }

  /** Of the object, or of its pages in the main region; those are mapped when this is asked for. */
  get mapping(): DsmMapping {
    if (this.#mapping === null) {
      this.#mapping = this.#viewer!.view(this.slot, this.size)
      if (this.#unmapped) this.#mapping.detach()
    }
    return this.#mapping
  }

  /** Can be done again. */
  unmap(): void {
    this.#unmapped = true
    this.#mapping?.detach()
  }
}

/** A mechanism promises not to fail here; should one, that is no reason to keep the reference. */
export function unmap(attachment: Attachment, logger: ControlLogger): void {
  try {
    attachment.unmap()
  } catch (error) {
    if (!DsmError.isInstance(error) && !isNativeFailure(error)) throw error
    logger.warn('could not unmap a segment', { handle: attachment.handle, error })
  }
}
