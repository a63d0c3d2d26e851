/**
 * A segment that this member is attached to, privately: where it stands and its mapping. One class
 * with one constructor, and the handle kept as an int32, so that every operation sees one shape
 * and none allocates a number.
 */
import { DsmError, type DsmMapping, isNativeFailure } from '@dsm/impl'
import type { ControlLogger } from './logger.js'

export class Attachment {
  readonly slot: number
  /** bytes */
  readonly size: number
  readonly mapping: DsmMapping
  readonly #handle: number

  constructor(slot: number, handle: number, size: number, mapping: DsmMapping) {
    this.slot = slot
    this.size = size
    this.mapping = mapping
    this.#handle = handle | 0
  }

  /** uint32; odd if it is carved from the main region */
  get handle(): number {
    return this.#handle >>> 0
  }
}

/** A mechanism promises not to fail here; should one, that is no reason to keep the reference. */
export function unmap(attachment: Attachment, logger: ControlLogger): void {
  try {
    attachment.mapping.detach()
  } catch (error) {
    if (!DsmError.isInstance(error) && !isNativeFailure(error)) throw error
    logger.warn('could not unmap a segment', { handle: attachment.handle, error })
  }
}
