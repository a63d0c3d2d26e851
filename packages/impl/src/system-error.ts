/**
 * From a failed system call to a DsmError with the one sentence. Addons throw plain errors that say
 * what was called and what errno came back; no addon knows this package's classes.
 */
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { DsmError, type DsmErrorCode, type DsmVerb } from './errors.js'

/** The fields that an addon sets on the errors it throws (`@dsm/native`, error.hpp). */
export interface NativeFailure {
  /** Verb of the sentence. */
  readonly verb: DsmVerb
  readonly syscall: string
  /** Positive errno; 0 where no system call failed and `reason` says what is wrong. */
  readonly errno: number
  /** Set where an object is there but is not ours, and what gave it away. */
  readonly foreign?: string
  /** Set where the directory that holds the objects is not safe, and what gave it away. */
  readonly insecure?: string
  /** What to do about it, in a container for instance. */
  readonly advice?: string
}

const { errno: E } = constants

/** By number: libuv's names lack some of these, and share one for others. */
const CODES: ReadonlyMap<number, DsmErrorCode> = new Map([
  [E.ENOENT, 'DSM_NOT_FOUND'],
  [E.EIDRM, 'DSM_NOT_FOUND'],
  [E.ENOSPC, 'DSM_NO_SPACE'],
  [E.EDQUOT, 'DSM_NO_SPACE'],
  [E.EFBIG, 'DSM_NO_SPACE'],
  [E.ENOMEM, 'DSM_NO_MEMORY'],
  [E.EMFILE, 'DSM_NO_MEMORY'],
  [E.ENFILE, 'DSM_NO_MEMORY'],
  [E.EACCES, 'DSM_ACCESS'],
  [E.EPERM, 'DSM_ACCESS'],
  [E.EROFS, 'DSM_ACCESS'],
  [E.ELOOP, 'DSM_FOREIGN'],
  [E.ENOSYS, 'DSM_UNSUPPORTED'],
  [E.EOPNOTSUPP, 'DSM_UNSUPPORTED'],
])

/** What libuv has no text for. */
const TEXTS: ReadonlyMap<number, string> = new Map([
  [E.EIDRM, 'identifier removed'],
  [E.EDQUOT, 'disk quota exceeded'],
])

/** True for what an addon throws when a system call fails. */
export function isNativeFailure(error: unknown): error is Error & NativeFailure {
  return error instanceof Error && 'verb' in error && 'syscall' in error && 'errno' in error
}

/**
 * `could not <verb> shared memory segment "<name>": <system text>`, and advice where there is any.
 * A value that is no native failure is returned as it is.
 */
export function fromNativeFailure(error: unknown, segment: string): unknown {
  if (!isNativeFailure(error)) return error
  const { verb, syscall, errno, foreign, insecure, advice } = error
  let code = CODES.get(errno) ?? 'DSM_IO'
  let why = getSystemErrorMap().get(-errno)?.[1] ?? TEXTS.get(errno) ?? `system error ${errno}`
  if (foreign !== undefined) [code, why] = ['DSM_FOREIGN', foreign]
  if (insecure !== undefined) {
    ;[code, why] = ['DSM_DIR_INSECURE', `its directory is not safe to use: ${insecure}`]
  }
  const message = `could not ${verb} shared memory segment "${segment}": ${why}`
  return new DsmError(code, advice ? `${message}. ${advice}` : message, {
    op: verb,
    segment,
    errno: errno === 0 ? undefined : errno,
    syscall,
    cause: error,
  })
}
