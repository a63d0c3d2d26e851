/**
 * The pure file lock: the lock is a byte of a `LockFile`, and the word beside it only notes the
 * owner, so that whoever gets the byte after a death knows of it. For systems where words cannot be
 * waited on, and the reference that the lock word is tested against; about 1 µs instead of 20 ns.
 * All users of one lock must use the same of the two.
 *
 * What it is not: in need of an oracle. The kernel gives a dead owner's byte to the next who asks.
 */
import type { DeathOracle } from './death-oracle.js'
import { sleep } from './futex.js'
import { lockTimeout } from './lock-error.js'
import type { LockFile } from './lock-file.js'
import { abandon, clearOwner, type LockOutcome, recordOwner } from './lock-word.js'

const SPINS = 5
const SLEEP_MS_MIN = 0.05
const SLEEP_MS_MAX = 1

/** One look: null if another has the byte. @throws as LockFile.take */
export function tryTakeByte(
  file: LockFile,
  offset: number,
  words: Int32Array,
  index: number,
  token: number,
): LockOutcome | null {
  if (file.holds(offset)) return 'own'
  if (!file.take(offset)) return null
  return recordOwner(words, index, token) === 0 ? 'taken' : 'recovered'
}

/** Waits, polling. @throws DSM_LOCK_TIMEOUT naming the owner; as LockFile.take */
export function takeByteContended(
  file: LockFile,
  offset: number,
  words: Int32Array,
  index: number,
  oracle: DeathOracle,
  timeoutMs: number,
): LockOutcome {
  const deadline = performance.now() + timeoutMs
  for (let round = 0; ; round++) {
    const outcome = tryTakeByte(file, offset, words, index, oracle.token)
    if (outcome !== null) return outcome
    const leftMs = deadline - performance.now()
    if (leftMs <= 0) throw lockTimeout(ownerOf(words, index, oracle), timeoutMs)
    if (round < SPINS) continue
    const pauseMs = Math.min(SLEEP_MS_MAX, SLEEP_MS_MIN * (round - SPINS + 1))
    sleep(Math.min(leftMs, pauseMs))
  }
}

/** The note goes before the byte: a death between the two is no death inside a section. */
export function releaseByte(
  file: LockFile,
  offset: number,
  words: Int32Array,
  index: number,
  token: number,
): void {
  clearOwner(words, index, token)
  file.release(offset)
}

/** Leaves the byte, held in a section that was cut, with a note that says so. */
export function abandonByte(
  file: LockFile,
  offset: number,
  words: Int32Array,
  index: number,
  token: number,
): void {
  if (!file.holds(offset)) return
  abandon(words, index, token)
  file.release(offset)
}

function ownerOf(words: Int32Array, index: number, oracle: DeathOracle): string {
  const owner = Atomics.load(words, index)
  return owner > 0 ? oracle.describe(owner) : 'one who has only just taken it'
}
