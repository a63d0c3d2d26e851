/**
 * Accounts in a segment, and transfers between them that happen whole or not at all, though the
 * process that makes one may be killed between any two stores.
 * How: what stood there is written down first. Whoever next gets a dead writer's lock is told so
 * (`recovered`), and puts it back.
 */
const LOCK = 0
const PENDING = 1 // 1 while a transfer is half done
const OLD = 2 // from, its balance; to, its balance
const ACCOUNTS = 6

export class Ledger {
  static sizeOf = accounts => (ACCOUNTS + accounts) * Int32Array.BYTES_PER_ELEMENT
  #words
  #lock
  #report

  /** @param report is called with true where the last owner of the lock died holding it */
  constructor(dsm, segment, report = () => {}) {
    this.#words = new Int32Array(segment.buffer)
    this.#lock = dsm.lock(this.#words, LOCK)
    this.#report = report
  }

  /** What stands there now, whether or not somebody is in the middle of something. */
  get balances() {
    return [...this.#words.subarray(ACCOUNTS)]
  }

  /** @param between is called when the money has left one account and not reached the other */
  transfer(from, to, amount, between = () => {}) {
    const words = this.#words
    this.#lock.run(recovered => {
      this.#report(recovered)
      if (recovered) this.#undo()
      words.set([from, words[ACCOUNTS + from], to, words[ACCOUNTS + to]], OLD)
      Atomics.store(words, PENDING, 1)
      words[ACCOUNTS + from] -= amount
      between()
      words[ACCOUNTS + to] += amount
      Atomics.store(words, PENDING, 0)
    })
  }

  #undo() {
    const words = this.#words
    if (Atomics.load(words, PENDING) === 0) return // it died before or after, not in between
    const [from, fromBalance, to, toBalance] = words.subarray(OLD)
    words[ACCOUNTS + from] = fromBalance
    words[ACCOUNTS + to] = toBalance
    Atomics.store(words, PENDING, 0)
  }
}
