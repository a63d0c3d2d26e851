/**
 * The errors of this package, each with its sentence: what was asked, what stood against it, what
 * to do. They are built after the fact, never while a lock is held.
 */
import { constants } from 'node:os'
import { DsmError, type DsmErrorCode, fromNativeFailure, isNativeFailure } from '@dsm/impl'

export function lockTimeout(who: string, timeoutMs: number): DsmError {
  return new DsmError(
    'DSM_LOCK_TIMEOUT',
    `could not lock: still held by ${who} after ${timeoutMs} ms; ` +
      'a lock is never taken from a living owner',
    { op: 'lock' },
  )
}

export function lockHeld(): DsmError {
  return new DsmError(
    'DSM_LOCK_HELD',
    'could not lock: this thread holds it already; release it first, a lock is not re-entrant',
    { op: 'lock' },
  )
}

export function corruptWord(op: string, word: number, why: string): DsmError {
  const shown = `0x${(word >>> 0).toString(16).padStart(8, '0')}`
  return new DsmError('DSM_CORRUPT', `could not ${op}: the lock word is ${shown}, ${why}`, { op })
}

export function closedFile(path: string): DsmError {
  return new DsmError('DSM_CLOSED', `could not lock: lock file "${path}" is closed; open it anew`, {
    op: 'lock',
    segment: path,
  })
}

export function ownByte(path: string, offset: number): DsmError {
  return new DsmError(
    'DSM_LOCK_HELD',
    `could not lock byte ${offset} of "${path}": this very LockFile holds it already`,
    { op: 'lock', segment: path },
  )
}

/** A native failure in the one sentence of all packages, about a lock file; others unchanged. */
export function lockFileError(error: unknown, path: string): unknown {
  const common = fromNativeFailure(error, path)
  if (!isNativeFailure(error) || !(common instanceof DsmError)) return common
  const { verb: op, errno, syscall } = error
  const message = common.message.replace('shared memory segment', 'lock file')
  const insecure = error.foreign !== undefined && errno === constants.errno.EACCES
  const code = insecure ? 'DSM_DIR_INSECURE' : (codes().get(errno) ?? common.code)
  const known = errno === 0 || insecure ? undefined : errno
  return new DsmError(code, message, { op, segment: path, errno: known, syscall, cause: error })
}

/** What an errno means of a lock file, where that differs from a segment. */
function codes(): ReadonlyMap<number, DsmErrorCode> {
  const { EEXIST, EBADF, EINVAL, EISDIR, ENXIO } = constants.errno
  return new Map<number, DsmErrorCode>([
    [EEXIST, 'DSM_IN_USE'],
    [EBADF, 'DSM_CLOSED'], // in a child made by fork() without exec()
    [EINVAL, 'DSM_UNSUPPORTED'], // the kernel knows no such lock
    [EISDIR, 'DSM_FOREIGN'],
    [ENXIO, 'DSM_FOREIGN'],
  ])
}
