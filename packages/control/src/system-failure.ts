/** From an error of `node:fs` to a DsmError with the sentence that native failures get. */
import { DsmError, type DsmVerb, fromNativeFailure } from '@dsm/impl'

export function systemError(error: unknown, verb: DsmVerb, path: string): unknown {
  if (DsmError.isInstance(error) || !(error instanceof Error) || !('errno' in error)) return error
  const { errno, syscall } = error as NodeJS.ErrnoException
  const failure = new Error(error.message, { cause: error })
  return fromNativeFailure(
    Object.assign(failure, { verb, errno: Math.abs(errno ?? 0), syscall: syscall ?? verb }),
    path,
  )
}
