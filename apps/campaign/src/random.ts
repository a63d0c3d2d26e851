/**
 * Random numbers that a seed repeats (mulberry32). Not for secrets.
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** uint32 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** 0 to limit - 1 */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit)
  }

  /** min to max, both included; small ones as likely as large ones, by order of magnitude. */
  magnitude(min: number, max: number): number {
    const exponent = Math.log(max / min) * (this.next() / 2 ** 32)
    return Math.min(max, Math.floor(min * Math.exp(exponent)))
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  /** For a child: another sequence, decided by this one. */
  fork(): number {
    return this.next()
  }
}
