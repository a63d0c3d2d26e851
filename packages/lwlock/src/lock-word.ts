/**
 * The lock word, and all that is ever stored in it. `0` is free; else `waiters:1 | generation:21 |
 * member+1:10`: owner and state are one word, so there is no instant at which the lock is held by
 * nobody known. This is the only file that writes one.
 *
 *   free ──take──▶ token ──a waiter──▶ token|waiters ──release──▶ free, wake one
 *                    └────────── owner dead: compare-and-swap on the exact old word ──▶ ours
 *
 * `tryTake` and `release` are for hot paths: nothing is checked and nothing is allocated, the
 * caller passes an Int32Array, an index of it and a token. A take by somebody who waited leaves the
 * waiters bit set, for others may sleep. Every sleep is at most 1 ms, so no death loses a wake-up
 * for long.
 *
 * What it is not: a queue (no fairness), re-entrant, or ever broken open by a timeout.
 *
 * Campaigns count and interrupt the stores through the global `Atomics` object, of which nothing
 * here keeps a copy: `interceptStores` in testing.ts. That costs nothing when unused.
 */
import type { DeathOracle } from './death-oracle.js'
import { park, wake } from './futex.js'
import { corruptWord, lockTimeout } from './lock-error.js'
import { TIMED_OUT } from './native.js'
import { memberOf, predecessorOf } from './token.js'

/**
 * 'taken' from nobody; 'recovered' from a dead owner: what the lock guards may be half done;
 * 'own': the word bears the asker's token: nothing was changed.
 */
export type LockOutcome = 'taken' | 'recovered' | 'own'

/** The sign bit: somebody may sleep until the word is free. */
export const WAITERS = -0x8000_0000

/** How long a lock is waited for where nothing else is said. */
export const LOCK_TIMEOUT_MS = 5000

const SPINS = 100
const SLEEP_MS = 1

/** One compare-and-swap. True: it is ours. False: held by somebody, dead or alive. */
export function tryTake(words: Int32Array, index: number, token: number): boolean {
  return Atomics.compareExchange(words, index, 0, token) === 0
}

/**
 * Waits for the lock: a short spin, then sleeps of at most 1 ms, after each of which the oracle is
 * asked about the owner. Takes the lock over from a dead one, never from a living one. Blocks the
 * thread.
 * @throws DSM_LOCK_TIMEOUT naming the owner; DSM_CORRUPT if the word is nobody's token
 */
export function takeContended(
  words: Int32Array,
  index: number,
  oracle: DeathOracle,
  timeoutMs: number = LOCK_TIMEOUT_MS,
): LockOutcome {
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.load(words, index) === 0 && tryTake(words, index, oracle.token)) return 'taken'
  }
  const deadline = performance.now() + timeoutMs
  for (let ask = timeoutMs === 0; ; ) {
    const word = Atomics.load(words, index)
    const look = lookAt(words, index, word, oracle, ask)
    if (look === 'changed') continue
    if (look !== 'busy') return look
    const leftMs = deadline - performance.now()
    if (leftMs > 0) ask = sleepOn(words, index, word, Math.min(leftMs, SLEEP_MS))
    else if (ask) throw lockTimeout(oracle.describe(word & ~WAITERS), timeoutMs)
    else ask = true // never given up without having asked
  }
}

/** One look, without waiting: takes a free lock, or a dead owner's. null: its owner lives. */
export function tryTakeContended(
  words: Int32Array,
  index: number,
  oracle: DeathOracle,
): LockOutcome | null {
  if (tryTake(words, index, oracle.token)) return 'taken'
  for (;;) {
    const look = lookAt(words, index, Atomics.load(words, index), oracle, true)
    if (look !== 'changed') return look === 'busy' ? null : look
  }
}

/**
 * Gives the lock back and wakes one waiter.
 * @throws DSM_CORRUPT, changing nothing, if the owner is not `token`
 */
export function release(words: Int32Array, index: number, token: number): void {
  if (Atomics.compareExchange(words, index, token, 0) !== token) {
    releaseToWaiters(words, index, token)
  }
}

/**
 * Leaves a lock, held in a section that was cut, as if its owner had died: whoever takes it next
 * recovers. Nothing if it is not ours. True if it was.
 */
export function abandon(words: Int32Array, index: number, token: number): boolean {
  const left = predecessorOf(token)
  if (Atomics.compareExchange(words, index, token, left) === token) return true
  const marked = token | WAITERS
  const old = Atomics.compareExchange(words, index, marked, left | WAITERS)
  if (old === marked) wake(words, index, 1)
  return old === marked
}

/** For a lock that is a byte lock: notes its new owner. What stood there, 0 if it was released. */
export function recordOwner(words: Int32Array, index: number, token: number): number {
  return Atomics.exchange(words, index, token)
}

/** For a lock that is a byte lock, before the byte goes. @throws DSM_CORRUPT as `release` */
export function clearOwner(words: Int32Array, index: number, token: number): void {
  const old = Atomics.compareExchange(words, index, token, 0)
  if (old !== token) throw corruptWord('release', old, 'which is not its holder')
}

function releaseToWaiters(words: Int32Array, index: number, token: number): void {
  const marked = token | WAITERS
  const old = Atomics.compareExchange(words, index, marked, 0)
  if (old !== marked) throw corruptWord('release', old, 'which is not its releaser')
  wake(words, index, 1)
}

/** 'busy': the owner lives, or was not asked about. 'changed': somebody was faster; look again. */
function lookAt(
  words: Int32Array,
  index: number,
  word: number,
  oracle: DeathOracle,
  ask: boolean,
): LockOutcome | 'busy' | 'changed' {
  const { token } = oracle
  const mine = token | WAITERS
  if (word === 0) return Atomics.compareExchange(words, index, 0, mine) === 0 ? 'taken' : 'changed'
  const owner = word & ~WAITERS
  if (owner === token) return 'own'
  if (memberOf(owner) < 0) throw corruptWord('lock', word, 'which names no owner')
  // Another generation of our own entry is dead, and the oracle is never asked about oneself.
  const dead = memberOf(owner) === memberOf(token) || (ask && oracle.isDead(owner))
  if (!dead) return 'busy'
  return Atomics.compareExchange(words, index, word, mine) === word ? 'recovered' : 'changed'
}

/** True if the whole time passed and the same owner may still be there: time to ask. */
function sleepOn(words: Int32Array, index: number, word: number, ms: number): boolean {
  const marked = word | WAITERS
  if (word !== marked && Atomics.compareExchange(words, index, word, marked) !== word) return false
  return park(words, index, marked, ms) === TIMED_OUT
}
