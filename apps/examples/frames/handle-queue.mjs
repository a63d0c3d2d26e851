/**
 * Handles, first in, first out, between processes: a ring of words in a segment, under a lock.
 * A handle is 4 bytes; what it names is not moved. Waiting sleeps in the kernel.
 */
import { notify, wait } from '@dsm/lwlock'

const LOCK = 0
const PUSHED = 1 // how many ever; also what a waiting one sleeps on
const POPPED = 2
const PLACES = 3 // the ring begins here
const PATIENCE_MS = 10_000

export class HandleQueue {
  /** Bytes that a queue for so many handles needs. */
  static sizeOf = places => (PLACES + places) * Int32Array.BYTES_PER_ELEMENT
  #words
  #lock
  #places

  constructor(dsm, segment) {
    this.#words = new Int32Array(segment.buffer)
    this.#lock = dsm.lock(this.#words, LOCK)
    this.#places = this.#words.length - PLACES
  }

  /** There are as many places as there can be handles: it never waits. */
  push(handle) {
    const words = this.#words
    this.#lock.run(() => {
      words[PLACES + (words[PUSHED] % this.#places)] = handle
      words[PUSHED] += 1
    })
    notify(words, PUSHED, 1)
  }

  /** Waits for a handle. */
  pop() {
    const words = this.#words
    for (;;) {
      const pushed = Atomics.load(words, PUSHED)
      const handle = this.#lock.run(() => {
        if (words[POPPED] === words[PUSHED]) return null
        words[POPPED] += 1
        return words[PLACES + ((words[POPPED] - 1) % this.#places)] >>> 0
      })
      if (handle !== null) return handle
      const woken = wait(words, PUSHED, pushed, PATIENCE_MS) // not if it has changed since
      if (woken === 'timed-out') throw new Error('nobody pushes any more')
    }
  }
}
