/**
 * A set of page numbers below a limit, one bit each: which pages of a region are in use. Private
 * memory, made once, so that recovery allocates nothing. Whole words at a time where runs allow.
 */
export class PageSet {
  readonly #bits: Int32Array
  readonly #limit: number
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
    this.#bits = new Int32Array(Math.ceil(limit / 32))
  }

  /** Pages in the set. */
  get size(): number {
    return this.#size
  }

  clear(): void {
    this.#bits.fill(0)
    this.#size = 0
  }

  /** Adds a run. False, with some of it perhaps added, if any page is in or beyond the limit. */
  add(first: number, count: number): boolean {
    if (first < 0 || count > this.#limit - first) return false
    const end = first + count
    for (let page = first; page < end; ) {
      const word = page >>> 5
      const here = Math.min(end, (word + 1) * 32) - page
      const mask = (here === 32 ? -1 : (1 << here) - 1) << (page & 31)
      if ((this.#bits[word]! & mask) !== 0) return false
      this.#bits[word]! |= mask
      page += here
    }
    this.#size += count
    return true
  }

  /** Calls back with each longest run that is not in the set, lowest first. */
  eachGap(callback: (first: number, count: number) => void): void {
    for (let page = 0; page < this.#limit; ) {
      const first = this.#next(page, false)
      if (first === this.#limit) return
      page = this.#next(first, true)
      callback(first, page - first)
    }
  }

  /** The first page from `page` on that is in the set (or is not); the limit if there is none. */
  #next(page: number, wanted: boolean): number {
    const skip = wanted ? 0 : -1
    let at = page
    while (at < this.#limit) {
      const word = this.#bits[at >>> 5]!
      if ((at & 31) === 0 && word === skip) at += 32
      else if (((word >>> (at & 31)) & 1) === (wanted ? 1 : 0)) return at
      else at++
    }
    return this.#limit
  }
}
