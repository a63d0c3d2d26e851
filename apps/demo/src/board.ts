/**
 * Progress in shared memory: one word per member, each on a cache line of its own. Its member
 * stores it, the parent reads it whenever it likes; no message says so.
 */

const WORDS_PER_MEMBER = 16
const UNIT_BYTES = 1024

export const boardSizeBytes = (memberCount: number): number =>
  memberCount * WORDS_PER_MEMBER * Int32Array.BYTES_PER_ELEMENT

export function storeProgress(board: Int32Array, index: number, doneBytes: number): void {
  Atomics.store(board, index * WORDS_PER_MEMBER, Math.ceil(doneBytes / UNIT_BYTES))
}

/** Bytes that all members together have done, to the next kilobyte or so. */
export function loadProgress(board: Int32Array, memberCount: number): number {
  let units = 0
  for (let index = 0; index < memberCount; index++) {
    units += Atomics.load(board, index * WORDS_PER_MEMBER)
  }
  return units * UNIT_BYTES
}
