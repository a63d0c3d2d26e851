/**
 * The set of states seen, by 64-bit hash, and arrays that grow. Not collections for general use:
 * nothing is ever removed, and a set does not give back what it holds. Typed arrays, as a `Set` of
 * strings takes ten times the memory.
 */

export class Growing<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>> {
  readonly #make: (size: number) => T
  items: T
  length = 0

  constructor(make: (size: number) => T) {
    this.#make = make
    this.items = make(1024)
  }

  clear(): void {
    this.length = 0
  }

  push(item: number): void {
    this.#reserve(1)
    this.items[this.length++] = item
  }

  append(items: Uint8Array): void {
    this.#reserve(items.length)
    this.items.set(items, this.length)
    this.length += items.length
  }

  #reserve(more: number): void {
    if (this.length + more <= this.items.length) return
    const larger = this.#make(Math.max(2 * this.items.length, this.length + more))
    larger.set(this.items)
    this.items = larger
  }
}

export class HashSet {
  /** Two words each; both 0: empty. */
  #table = new Uint32Array(2 << 16)
  #mask = (1 << 16) - 1
  size = 0

  /** False if it was there. */
  add(state: Uint8Array): boolean {
    let low = 0x811c9dc5
    let high = 0x9747b28c
    for (let at = 0; at < state.length; at++) {
      const byte = state[at]!
      low = Math.imul(low ^ byte, 0x01000193)
      high = Math.imul(high ^ byte, 0x5bd1e995)
      high ^= high >>> 15
    }
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b)
    low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
    low = (low ^ (low >>> 16)) >>> 0
    high >>>= 0
    if (!this.#insert(low === 0 ? 1 : low, high)) return false
    this.size++
    if (10 * this.size > 7 * this.#mask) this.#grow()
    return true
  }

  #insert(low: number, high: number): boolean {
    const table = this.#table
    for (let index = low & this.#mask; ; index = (index + 1) & this.#mask) {
      const at = 2 * index
      if (table[at] === low && table[at + 1] === high) return false
      if (table[at] !== 0) continue
      table[at] = low
      table[at + 1] = high
      return true
    }
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Uint32Array(2 * old.length)
    this.#mask = 2 * this.#mask + 1
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] !== 0) this.#insert(old[at]!, old[at + 1]!)
    }
  }
}
