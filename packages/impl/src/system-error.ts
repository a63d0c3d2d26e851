/**
 * From a failed system call to a DsmError with the one sentence. Addons throw plain errors that say
 * what was called and what errno came back; no addon knows this package's classes.
 */
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

const CODES: Readonly<Record<string, DsmErrorCode>> = {
  ENOENT: 'DSM_NOT_FOUND',
  EIDRM: 'DSM_NOT_FOUND',
  ENOSPC: 'DSM_NO_SPACE',
  EDQUOT: 'DSM_NO_SPACE',
  EFBIG: 'DSM_NO_SPACE',
  ENOMEM: 'DSM_NO_MEMORY',
  EMFILE: 'DSM_NO_MEMORY',
  ENFILE: 'DSM_NO_MEMORY',
  EACCES: 'DSM_ACCESS',
  EPERM: 'DSM_ACCESS',
  EROFS: 'DSM_ACCESS',
  ELOOP: 'DSM_FOREIGN',
  ENOSYS: 'DSM_UNSUPPORTED',
  EOPNOTSUPP: 'DSM_UNSUPPORTED',
}

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
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `system error ${errno}`]
  let code = CODES[name] ?? 'DSM_IO'
  let why = text
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
