/**
 * The one place through which shared bookkeeping is written: slots, members, names, the header.
 * The lock word is not written here (`@dsm/lwlock` does that), nor user bytes.
 *
 * Plain stores in program order are enough under the lock: a SIGKILL cuts between instructions, and
 * the release exchange publishes to the others. Words that are read without the lock go through
 * `publish`. A campaign can set a trap that is called before every store, to count them or to end
 * the process at the n-th.
 */

/** Called with the word index before each store. */
export type StoreTrap = (index: number) => void

let trap: StoreTrap | null = null

/** For campaigns and tests; null takes it away. Returns the one before. */
export function setStoreTrap(next: StoreTrap | null): StoreTrap | null {
  const before = trap
  trap = next
  return before
}

/** Stores an int32 that others read only under the lock. */
export function store(words: Int32Array, index: number, value: number): void {
  if (trap !== null) trap(index)
  words[index] = value
}

/** Stores an int32 that others read without the lock. */
export function publish(words: Int32Array, index: number, value: number): void {
  if (trap !== null) trap(index)
  Atomics.store(words, index, value)
}

/** Moves a word that is contended without the lock (the sweep clock). */
export function move(words: Int32Array, index: number, from: number, to: number): boolean {
  if (trap !== null) trap(index)
  return Atomics.compareExchange(words, index, from, to) === from
}

/** Stores a non-negative safe integer as two words, the low one last. */
export function storeWide(words: Int32Array, index: number, value: number): void {
  store(words, index + 1, value < 0x1_0000_0000 ? 0 : (value / 0x1_0000_0000) | 0)
  store(words, index, value | 0)
}

/** Reads what storeWide stored. */
export function loadWide(words: Int32Array, index: number): number {
  const low = words[index]!
  const high = words[index + 1]!
  if (high === 0 && low >= 0) return low // an integer all the way, without a multiplication
  return (high >>> 0) * 0x1_0000_0000 + (low >>> 0)
}
