/**
 * Random even handles, drawn from the system's generator in bulk, so that a section needs neither a
 * system call nor an allocation. Whether a handle is taken is for the section to see.
 */
import { randomFillSync } from 'node:crypto'
import { handleFromRandomBits } from '@dsm/impl'

/** More than one operation ever redraws. */
const RESERVE = 16

export class HandlePool {
  readonly #bits = new Int32Array(256)
  readonly #mask: number
  #next = this.#bits.length

  /** @param below31 keep handles below 2^31, where no two of them are one System V key */
  constructor(below31: boolean) {
    this.#mask = below31 ? 0x3fff_ffff : 0x7fff_ffff
  }

  /** Call before a section that draws. */
  refill(): void {
    if (this.#next + RESERVE <= this.#bits.length) return
    randomFillSync(this.#bits)
    this.#next = 0
  }

  draw(): number {
    return handleFromRandomBits(this.#bits[this.#next++ % this.#bits.length]! & this.#mask)
  }
}
