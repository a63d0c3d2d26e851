/**
 * Progress in shared memory: one word per member, each on a cache line of its own. Its member
 * stores it, the parent reads it whenever it likes; no message says so. In front of them a line
 * with a lock, and with the word of a member that waits for its end.
 */

const WORDS_PER_MEMBER = 16
const UNIT_BYTES = 1024
/** Of a lock (`dsm.lock`). */
export const LOCK_WORD = 0
const WAITING_WORD = 1

export const boardSizeBytes = (memberCount: number): number =>
  (1 + memberCount) * WORDS_PER_MEMBER * Int32Array.BYTES_PER_ELEMENT

/** Says that this member goes no further, and goes no further: it is to be killed. */
export function waitForTheEnd(board: Int32Array): never {
  Atomics.store(board, WAITING_WORD, 1)
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

export const isWaiting = (board: Int32Array): boolean => Atomics.load(board, WAITING_WORD) === 1

export function storeProgress(board: Int32Array, index: number, doneBytes: number): void {
  Atomics.store(board, (1 + index) * WORDS_PER_MEMBER, Math.ceil(doneBytes / UNIT_BYTES))
}

/** Bytes that all members together have done, to the next kilobyte or so. */
export function loadProgress(board: Int32Array, memberCount: number): number {
  let units = 0
  for (let index = 0; index < memberCount; index++) {
    units += Atomics.load(board, (1 + index) * WORDS_PER_MEMBER)
  }
  return units * UNIT_BYTES
}
