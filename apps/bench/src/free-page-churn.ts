/**
 * The churn of runs that free page managers are measured by: a step gives one of the live runs back
 * and gets another. peers/postgres/dsm_bench.c draws the same numbers, so both do the same work.
 */
import { FreePageManager, PAGE_SIZE } from '@dsm/freepage'

export interface ChurnSize {
  readonly pages: number
  /** Runs that are in use. */
  readonly live: number
}

export class FreePageChurn {
  readonly #manager: FreePageManager
  readonly #size: ChurnSize
  readonly #first: Int32Array
  readonly #length: Int32Array
  #state = 2463534242 | 0

  constructor(size: ChurnSize) {
    const { pages, live } = size
    this.#manager = FreePageManager.initialize(new ArrayBuffer(pages * PAGE_SIZE))
    this.#manager.put(1, pages - 1) // page 0 is the header's
    this.#size = size
    this.#first = new Int32Array(live)
    this.#length = new Int32Array(live)
    for (let run = 0; run < live; run++) this.#get(run)
  }

  steps(count: number): void {
    const { live } = this.#size
    for (let done = 0; done < count; done++) {
      const run = (this.#draw() >>> 4) % live
      this.#manager.put(this.#first[run]!, this.#length[run]!)
      this.#get(run)
    }
  }

  #get(run: number): void {
    const length = this.#drawLength()
    const first = this.#manager.get(length)
    if (first === null) throw new Error(`no run of ${length} pages`)
    this.#first[run] = first
    this.#length[run] = length
  }

  /** Mostly 1 to 4 pages, one in eight up to 200: as in the golden vectors of @dsm/freepage. */
  #drawLength(): number {
    const kind = this.#draw() >>> 4
    const length = this.#draw() >>> 4
    return 1 + (length % (kind % 8 === 0 ? 200 : 4))
  }

  /** xorshift, 32 bits. */
  #draw(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return state >>> 0
  }
}
