/**
 * wait, waitAsync, notify: as Atomics.wait and Atomics.notify, but on any mapped memory and between
 * processes, which Atomics refuses. Waiters and notifiers meet by the memory, not by the address.
 *
 * What it is not: a queue that outlives a wait. A wait is made of short ones (a thread parked in
 * the kernel cannot be terminated), and between two of them a notification finds nobody; so change
 * the word first, then notify. Without a futex in the kernel, the word is looked at every
 * millisecond.
 */
import { abortError, integerBetween, invalidType, optionsObject, outOfRange } from '@dsm/impl'
import { checkWord } from './death-oracle.js'
import { NOT_EQUAL, native, TIMED_OUT, WOKEN } from './native.js'

/** How a wait ended. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out'

/** How long to wait, and what ends it before. */
export interface WaitAsyncOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** How long a thread stays in the kernel before it lets JavaScript be terminated. */
const PARK_MS = 20
const POLL_MS = 1

/** True if this kernel has the futex (asked of it). Otherwise waiting is polling. */
export const futexSupported = native.futexWorks

/**
 * Blocks this thread while the word has the expected value. 'not-equal' if it has not at first;
 * 'ok' when notified or when the word has changed; 'timed-out'.
 * @throws TypeError, RangeError
 */
export function wait(
  words: Int32Array,
  index: number,
  expected: number,
  timeoutMs: number = Number.POSITIVE_INFINITY,
): WaitResult {
  checkWord(words, index)
  integerBetween('expected', expected, -0x8000_0000, 0x7fff_ffff)
  checkTimeout(timeoutMs)
  if (Atomics.load(words, index) !== expected) return 'not-equal'
  const deadline = performance.now() + timeoutMs
  for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
    if (park(words, index, expected, Math.min(left, PARK_MS)) !== TIMED_OUT) return 'ok'
  }
  return Atomics.load(words, index) === expected ? 'timed-out' : 'ok'
}

/**
 * As `wait`, without blocking: the word is looked at from timers, so a notification that changes
 * nothing is not seen. Rejects with AbortError.
 * @throws TypeError, RangeError
 */
export async function waitAsync(
  words: Int32Array,
  index: number,
  expected: number,
  options?: WaitAsyncOptions,
): Promise<WaitResult> {
  checkWord(words, index)
  integerBetween('expected', expected, -0x8000_0000, 0x7fff_ffff)
  const { timeoutMs, signal } = asyncOptions(options, Number.POSITIVE_INFINITY)
  if (Atomics.load(words, index) !== expected) return 'not-equal'
  const deadline = performance.now() + timeoutMs
  for (let round = 0; ; round++) {
    await pause(round, deadline - performance.now(), signal)
    if (Atomics.load(words, index) !== expected) return 'ok'
    if (performance.now() >= deadline) return 'timed-out'
  }
}

/**
 * Wakes at most `count` threads, of any process, that wait for the word. How many it were.
 * @throws TypeError, RangeError
 */
export function notify(
  words: Int32Array,
  index: number,
  count: number = Number.POSITIVE_INFINITY,
): number {
  checkWord(words, index)
  if (count === Number.POSITIVE_INFINITY) return wake(words, index, 0x7fff_ffff)
  integerBetween('count', count, 0, Number.MAX_SAFE_INTEGER)
  return count === 0 ? 0 : wake(words, index, Math.min(count, 0x7fff_ffff))
}

/** One wait of the kernel's, unchecked: WOKEN (perhaps for nothing), NOT_EQUAL or TIMED_OUT. */
export function park(words: Int32Array, index: number, expected: number, ms: number): number {
  if (futexSupported) return native.futexWait(words, index, expected, ms)
  if (Atomics.load(words, index) !== expected) return NOT_EQUAL
  sleep(Math.min(ms, POLL_MS))
  return Atomics.load(words, index) === expected ? TIMED_OUT : WOKEN
}

/** `notify`, unchecked. */
export function wake(words: Int32Array, index: number, count: number): number {
  return native.futexWake(words, index, count)
}

const nobodysWord = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread; terminating it ends the sleep. */
export function sleep(ms: number): void {
  Atomics.wait(nobodysWord, 0, 0, ms)
}

/** @throws TypeError, RangeError */
export function checkTimeout(timeoutMs: unknown): asserts timeoutMs is number {
  if (typeof timeoutMs !== 'number') throw invalidType('timeoutMs', 'a number', timeoutMs)
  if (!(timeoutMs >= 0)) throw outOfRange('timeoutMs', 'a number of at least 0', timeoutMs)
}

/** @throws TypeError, RangeError; AbortError if aborted already */
export function asyncOptions(
  options: WaitAsyncOptions | undefined,
  timeoutByDefault: number,
): { timeoutMs: number; signal: AbortSignal | undefined } {
  optionsObject('options', options)
  const { timeoutMs = timeoutByDefault, signal } = options ?? {}
  checkTimeout(timeoutMs)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidType('options.signal', 'an AbortSignal', signal)
  }
  if (signal?.aborted) throw abortError(signal)
  return { timeoutMs, signal }
}

/** A pause between two looks: none at first, then 1 to 4 ms. Rejects with AbortError. */
export function pause(round: number, leftMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      clearImmediate(immediate)
      reject(abortError(signal!))
    }
    const resume = () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    const ms = Math.max(0, Math.min(leftMs, 1 + Math.min(3, round >> 4)))
    const immediate = round < 4 ? setImmediate(resume) : undefined
    const timer = round < 4 ? undefined : setTimeout(resume, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
