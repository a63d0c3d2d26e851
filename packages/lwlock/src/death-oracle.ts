/**
 * Who is dead: the question a waiter asks about the owner of a lock that does not come free.
 * The answer must come from the kernel (a byte lock), never from time: a stopped process is alive.
 */
import { types } from 'node:util'
import { integerBetween, invalidType } from '@dsm/impl'
import type { LockFile } from './lock-file.js'
import { byteOf, generationOf, memberOf } from './token.js'

/**
 * Its methods run while a lock is being waited for: they must not take an `LWLock` themselves.
 */
export interface DeathOracle {
  /** The asker's own token. */
  readonly token: number
  /**
   * True if that incarnation will never run again. Once true, true for ever. Never asked about the
   * own member: another generation of it is dead by definition, and about the own byte the kernel
   * answers "unlocked".
   */
  isDead(token: number): boolean
  /** For messages: `pid 123 (stopped)`. */
  describe(token: number): string
}

/**
 * The oracle of a member file: each living incarnation holds the byte `byteOf(token)`.
 * The caller has taken its own byte; generations are never used twice.
 */
export function byteOracle(
  file: LockFile,
  token: number,
  describe: (token: number) => string = describeToken,
): DeathOracle {
  checkToken('token', token)
  return { token, isDead: other => !file.probe(byteOf(other)), describe }
}

/** `member 3, generation 17`: all that a token says. */
export const describeToken = (token: number): string =>
  `member ${memberOf(token)}, generation ${generationOf(token)}`

/** @throws TypeError, RangeError */
export function checkToken(name: string, token: unknown): asserts token is number {
  integerBetween(name, token, 1, 0x7fff_ffff)
}

/** @throws TypeError, RangeError */
export function checkOracle(oracle: unknown): asserts oracle is DeathOracle {
  const candidate = oracle as Partial<DeathOracle> | null | undefined
  if (typeof candidate?.isDead !== 'function' || typeof candidate.describe !== 'function') {
    throw invalidType('oracle', 'a DeathOracle', oracle)
  }
  checkToken('oracle.token', candidate.token)
}

/** @throws TypeError, RangeError */
export function checkWord(words: unknown, index: unknown): void {
  if (!types.isInt32Array(words)) throw invalidType('words', 'an Int32Array', words)
  integerBetween('index', index, 0, Math.max(0, words.length - 1))
  if (words.length === 0) throw invalidType('words', 'an Int32Array that is not detached', words)
}
