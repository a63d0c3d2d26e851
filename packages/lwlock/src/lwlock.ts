/**
 * LWLock: the lock as an object, over a lock word or, with `file`, over a byte of a lock file.
 * It adds to those: a deadline, `Held` with `using`, waiting without blocking, and that a section
 * cut in the middle does not hold the lock for ever (section.ts).
 * Seed: LWLock; unlike it, the lock outlives its owner's death.
 *
 * What it is not: re-entrant, fair, or shared (readers exclude each other too).
 */
import { integerBetween, invalidType, optionsObject } from '@dsm/impl'
import { checkOracle, checkWord, type DeathOracle } from './death-oracle.js'
import { asyncOptions, checkTimeout, pause, type WaitAsyncOptions } from './futex.js'
import { abandonByte, releaseByte, takeByteContended, tryTakeByte } from './lock-byte.js'
import { lockHeld, lockTimeout } from './lock-error.js'
import type { LockFile } from './lock-file.js'
import {
  abandon,
  LOCK_TIMEOUT_MS,
  type LockOutcome,
  release,
  takeContended,
  tryTake,
  tryTakeContended,
} from './lock-word.js'
import { enter, HELD, IDLE, INSIDE, leave, RUNNING, type Section, sectionOf } from './section.js'

/** How the lock waits, and what it is made of. */
export interface LWLockOptions {
  /** Deadline of `acquire`, `run` and `acquireAsync` where none is given. Default 5000. */
  readonly timeoutMs?: number | undefined
  /** The pure file lock: the lock is byte `offset` of this file, the word only notes the owner. All
   * users of one lock must choose alike. */
  readonly file?: LockFile | undefined
  /** Default 0. */
  readonly offset?: number | undefined
}

/** A lock that was got. Give it back with `release()`, or let `using` do it. */
export interface Held extends Disposable {
  /** True if the last owner died, or was cut, holding the lock: what it guards may be half done. */
  readonly recovered: boolean
  /** Idempotent. @throws DSM_CORRUPT if somebody else has overwritten the lock word */
  release(): void
}

/** The two ways to hold a lock. */
interface Mechanism {
  tryTake(): LockOutcome | null
  take(timeoutMs: number): LockOutcome
  release(token: number): void
  abandon(token: number): void
}

/** A lock in shared memory that is taken over when its owner dies. Not re-entrant. */
export class LWLock {
  readonly #words: Int32Array
  readonly #index: number
  readonly #oracle: DeathOracle
  readonly #mechanism: Mechanism
  readonly #timeoutMs: number
  readonly #section: Section

  /**
   * @param words over shared memory that this thread keeps mapped while it uses the lock
   * @param index the lock's word; 0 in it is a free lock
   * @throws TypeError, RangeError
   */
  constructor(words: Int32Array, index: number, oracle: DeathOracle, options?: LWLockOptions) {
    checkWord(words, index)
    checkOracle(oracle)
    optionsObject('options', options)
    const { timeoutMs = LOCK_TIMEOUT_MS, file, offset = 0 } = options ?? {}
    checkTimeout(timeoutMs)
    // Not instanceof: it may be of the other copy (ESM, CommonJS) of this package.
    if (file !== undefined && typeof file?.take !== 'function') {
      throw invalidType('options.file', 'a LockFile', file)
    }
    integerBetween('options.offset', offset, 0, Number.MAX_SAFE_INTEGER)
    this.#words = words
    this.#index = index
    this.#oracle = oracle
    this.#timeoutMs = timeoutMs
    this.#section = sectionOf(words, index)
    this.#mechanism = file
      ? byteMechanism(words, index, oracle, file, offset)
      : wordMechanism(words, index, oracle)
  }

  /**
   * Takes the lock, blocking this thread until it is free or its owner is dead. In code that may be
   * cut (a vm timeout) prefer `run`: a `Held` that nobody has any more is never given back.
   * @throws DSM_LOCK_TIMEOUT naming the owner; DSM_LOCK_HELD if this thread holds it; DSM_CORRUPT
   */
  acquire(timeoutMs: number = this.#timeoutMs): Held {
    checkTimeout(timeoutMs)
    const section = this.#enter()
    if (section === null) throw lockHeld()
    const held = new HeldLock(section, this.#mechanism)
    return handOver(section, held, this.#take(section, timeoutMs))
  }

  /** Takes the lock if it is free, or its owner dead. null: held by another, or by this thread. */
  tryAcquire(): Held | null {
    const section = this.#enter()
    if (section === null) return null
    const held = new HeldLock(section, this.#mechanism)
    const outcome = this.#tryTake(section)
    return outcome === null ? null : handOver(section, held, outcome)
  }

  /**
   * Takes the lock, calls `fn(recovered)` and gives the lock back, also if `fn` throws. `fn` is
   * synchronous. Should it be cut, which runs no `finally`, the lock is given up as by a death:
   * within half a second of event loop.
   * @throws as acquire; TypeError if `fn` returns a promise; whatever `fn` throws
   */
  run<T>(fn: (recovered: boolean) => T, timeoutMs: number = this.#timeoutMs): T {
    if (typeof fn !== 'function') throw invalidType('fn', 'a function', fn)
    checkTimeout(timeoutMs)
    const section = this.#enter()
    if (section === null) throw lockHeld()
    const recovered = this.#take(section, timeoutMs) === 'recovered'
    section.phase = RUNNING
    let result: T
    try {
      result = fn(recovered)
    } finally {
      section.phase = INSIDE // should the stack overflow in here, the next call knows
      this.#mechanism.release(section.token)
      leave(section, IDLE)
    }
    if (result instanceof Promise) {
      throw invalidType('fn', 'synchronous (a promise outlives the lock; use acquireAsync)', result)
    }
    return result
  }

  /**
   * As `acquire`, without blocking the event loop: the lock is tried from timers. It waits for a
   * `Held` of this thread too, so tasks of one thread exclude each other.
   * @throws DSM_LOCK_TIMEOUT, DSM_CORRUPT, AbortError, all as rejections
   */
  async acquireAsync(options?: WaitAsyncOptions): Promise<Held> {
    const { timeoutMs, signal } = asyncOptions(options, this.#timeoutMs)
    const deadline = performance.now() + timeoutMs
    for (let round = 0; ; round++) {
      const held = this.tryAcquire()
      if (held !== null) return held
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) throw lockTimeout(this.#owner(), timeoutMs)
      await pause(round, leftMs, signal)
    }
  }

  #enter(): Section | null {
    const section = this.#section
    if (!enter(section, IDLE)) return null
    section.token = this.#oracle.token
    section.abandon = this.#mechanism.abandon
    return section
  }

  #take(section: Section, timeoutMs: number): LockOutcome {
    let outcome: LockOutcome | null = null
    try {
      outcome = this.#mechanism.take(timeoutMs)
    } finally {
      if (outcome === null) leave(section, IDLE)
    }
    if (outcome === 'own') throw heldUnseen(section)
    return outcome
  }

  #tryTake(section: Section): LockOutcome | null {
    let outcome: LockOutcome | null = null
    try {
      outcome = this.#mechanism.tryTake()
    } finally {
      if (outcome === null || outcome === 'own') leave(section, IDLE)
    }
    return outcome === 'own' ? null : outcome
  }

  #owner(): string {
    const owner = Atomics.load(this.#words, this.#index) & 0x7fff_ffff
    if (owner === 0) return 'others'
    return owner === this.#oracle.token ? 'this thread' : this.#oracle.describe(owner)
  }
}

class HeldLock implements Held {
  recovered = false
  readonly #section: Section
  readonly #mechanism: Mechanism

  constructor(section: Section, mechanism: Mechanism) {
    this.#section = section
    this.#mechanism = mechanism
  }

  release(): void {
    const section = this.#section
    if (section.holder !== this || !enter(section, HELD)) return
    section.holder = null
    this.#mechanism.release(section.token)
    leave(section, IDLE)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** From the last line on the caller has the lock; nothing in between can be cut. */
function handOver(section: Section, held: HeldLock, outcome: LockOutcome): Held {
  held.recovered = outcome === 'recovered'
  section.holder = held
  leave(section, HELD)
  return held
}

/** The word is ours, yet no section of this table holds it: another mapping, or another copy. */
function heldUnseen(section: Section): Error {
  leave(section, IDLE)
  return lockHeld()
}

function wordMechanism(words: Int32Array, index: number, oracle: DeathOracle): Mechanism {
  return {
    tryTake: () => tryTakeContended(words, index, oracle),
    take: timeoutMs =>
      tryTake(words, index, oracle.token)
        ? 'taken'
        : takeContended(words, index, oracle, timeoutMs),
    release: token => release(words, index, token),
    abandon: token => {
      abandon(words, index, token)
    },
  }
}

function byteMechanism(
  words: Int32Array,
  index: number,
  oracle: DeathOracle,
  file: LockFile,
  offset: number,
): Mechanism {
  return {
    tryTake: () => tryTakeByte(file, offset, words, index, oracle.token),
    take: timeoutMs => takeByteContended(file, offset, words, index, oracle, timeoutMs),
    release: token => releaseByte(file, offset, words, index, token),
    abandon: token => abandonByte(file, offset, words, index, token),
  }
}
