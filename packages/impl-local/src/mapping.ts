/**
 * One mapping of a local object, or of a part of one. The window behind it is taken at the first
 * use of `buffer`, as a system mapping makes its ArrayBuffer then.
 */
import { DsmError, type DsmMapping, integerBetween, outOfRange } from '@dsm/impl'
import { type LocalFaults, translated } from './faults.js'
import type { Window } from './object.js'
import type { LocalObject } from './registry.js'

export const PAGE_BYTES = 4096

export interface MappingPlace {
  readonly object: LocalObject
  readonly osName: string
  readonly faults: LocalFaults
  /** All mappings of one range hand out one ArrayBuffer. */
  readonly live: boolean
  /** Called once, when this mapping is gone. */
  readonly released: () => void
  /** Called for each part made. */
  readonly retained: () => void
}

export class LocalMapping implements DsmMapping {
  readonly size: number
  readonly identity: number
  readonly #place: MappingPlace
  readonly #offset: number
  #window: Window | null = null
  #detached = false
  #emptied: ArrayBuffer | null = null

  constructor(place: MappingPlace, offset: number, size: number) {
    this.#place = place
    this.#offset = offset
    this.size = size
    this.identity = place.object.identity
  }

  get buffer(): ArrayBuffer {
    if (this.#emptied !== null) return this.#emptied
    if (this.#detached) throw this.#gone('buffer')
    const { object, faults, osName, live } = this.#place
    if (this.#window === null) {
      const work = () => object.bytes.acquire(this.#offset, this.size, live)
      this.#window = translated(osName, () =>
        faults.run('buffer', { osName, size: this.size }, work),
      )
    } else {
      object.bytes.exchange()
    }
    return this.#window.buffer
  }

  part(offset: number, size: number): DsmMapping {
    integerBetween('offset', offset, 0, this.size - 1)
    integerBetween('size', size, 1, this.size - offset)
    if (offset % PAGE_BYTES !== 0) throw outOfRange('offset', `a multiple of ${PAGE_BYTES}`, offset)
    if (this.#detached) throw this.#gone('part')
    const { faults, osName, retained } = this.#place
    const work = () => {
      retained()
      return new LocalMapping(this.#place, this.#offset + offset, size)
    }
    return translated(osName, () => faults.run('part', { osName, size }, work))
  }

  detach(): void {
    if (this.#detached) return
    const { object, faults, osName, released } = this.#place
    faults.run('detach', { osName, size: this.size }, () => {
      this.#detached = true
      if (this.#window !== null) {
        object.bytes.release(this.#window)
        this.#emptied = this.#window.mappings === 0 ? this.#window.buffer : new ArrayBuffer(0)
        this.#window = null
      }
      released()
    })
  }

  #gone(op: string): DsmError {
    const { osName } = this.#place
    return new DsmError(
      'DSM_DETACHED',
      `this mapping of shared memory segment "${osName}" is detached; attach again`,
      { op, segment: osName },
    )
  }
}
