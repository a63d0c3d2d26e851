/**
 * How often each word occurs: an open-addressing hash table whose keys are places in the text
 * (offset and length), so that a word is never copied out of shared memory.
 * It does not find words (see `count-words.ts`) and knows nothing of processes.
 */

export interface Entry {
  readonly offset: number
  readonly length: number
  readonly count: number
}

const ENTRY_COUNT_START = 1 << 12
export const HASH_SEED = 0x811c9dc5 | 0
const HASH_PRIME = 0x01000193

/** One step of FNV-1a. */
export const hashByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, HASH_PRIME)

export class WordTable {
  readonly #text: Uint8Array
  /** Index of an entry plus 1; 0: empty. Twice as many as entries, a power of two. */
  #slots = new Int32Array(2 * ENTRY_COUNT_START)
  #hashes = new Int32Array(ENTRY_COUNT_START)
  #offsets = new Float64Array(ENTRY_COUNT_START)
  #lengths = new Float64Array(ENTRY_COUNT_START)
  #counts = new Float64Array(ENTRY_COUNT_START)
  #distinct = 0
  #words = 0

  constructor(text: Uint8Array) {
    this.#text = text
  }

  get distinct(): number {
    return this.#distinct
  }

  /** All words, each as often as it occurs. */
  get words(): number {
    return this.#words
  }

  /**
   * Counts a word at a place, `count` times.
   * @param hash of its bytes, by `hashByte` from `HASH_SEED`
   */
  add(hash: number, offset: number, length: number, count: number): void {
    this.#words += count
    const mask = this.#slots.length - 1
    let slot = spread(hash) & mask
    for (;;) {
      const entry = this.#slots[slot]! - 1
      if (entry < 0) break
      if (this.#hashes[entry] === hash && this.#isAt(entry, offset, length)) {
        this.#counts[entry]! += count
        return
      }
      slot = (slot + 1) & mask
    }
    if (this.#distinct === this.#hashes.length) {
      this.#grow()
      slot = this.#emptySlot(hash)
    }
    const entry = this.#distinct++
    this.#slots[slot] = entry + 1
    this.#hashes[entry] = hash
    this.#offsets[entry] = offset
    this.#lengths[entry] = length
    this.#counts[entry] = count
  }

  /** In the order of their first counting. */
  *entries(): IterableIterator<Entry> {
    for (let index = 0; index < this.#distinct; index++) yield this.#entry(index)
  }

  /** The most frequent first; of equals, the one that comes first in the text. */
  top(count: number): Entry[] {
    const byCount = Array.from({ length: this.#distinct }, (_, index) => index).sort(
      (a, b) => this.#counts[b]! - this.#counts[a]! || this.#offsets[a]! - this.#offsets[b]!,
    )
    return byCount.slice(0, count).map(index => this.#entry(index))
  }

  #entry(index: number): Entry {
    return {
      offset: this.#offsets[index]!,
      length: this.#lengths[index]!,
      count: this.#counts[index]!,
    }
  }

  #isAt(entry: number, offset: number, length: number): boolean {
    if (this.#lengths[entry] !== length) return false
    const text = this.#text
    const own = this.#offsets[entry]!
    for (let index = 0; index < length; index++) {
      if (text[own + index] !== text[offset + index]) return false
    }
    return true
  }

  #emptySlot(hash: number): number {
    const mask = this.#slots.length - 1
    let slot = spread(hash) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    this.#hashes = copyInto(new Int32Array(2 * this.#hashes.length), this.#hashes)
    this.#offsets = copyInto(new Float64Array(2 * this.#offsets.length), this.#offsets)
    this.#lengths = copyInto(new Float64Array(2 * this.#lengths.length), this.#lengths)
    this.#counts = copyInto(new Float64Array(2 * this.#counts.length), this.#counts)
    this.#slots = new Int32Array(2 * this.#slots.length)
    for (let entry = 0; entry < this.#distinct; entry++) {
      this.#slots[this.#emptySlot(this.#hashes[entry]!)] = entry + 1
    }
  }
}

/** The low bits of FNV-1a are its worst; the table uses the low bits. */
const spread = (hash: number): number => hash ^ (hash >>> 15)

function copyInto<T extends Int32Array | Float64Array>(larger: T, array: T): T {
  larger.set(array)
  return larger
}
