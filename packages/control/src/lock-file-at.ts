/**
 * Lock files of a group, which come and go with it: one that is not there is an answer, not a
 * failure. Whoever opens one may find it removed by the last one out, and looks at `linkCount`.
 */
import { DsmError } from '@dsm/impl'
import { LockFile } from '@dsm/lwlock'

/** Of the group's lock file: held while somebody opens, leaves, ends or cleans the group. */
export const GATE_BYTE = 0

/** null: it is not there, or its directory is not. @throws what `LockFile.open` throws besides */
export function lockFileAt(path: string, create = false): LockFile | null {
  try {
    return LockFile.open(path, { create })
  } catch (error) {
    if (DsmError.isInstance(error) && error.code === 'DSM_NOT_FOUND') return null
    throw error
  }
}
