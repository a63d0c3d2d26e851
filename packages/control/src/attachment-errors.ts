/** What a member is told who attaches twice, or pins what cannot be pinned. */
import { DsmError } from '@dsm/impl'

export const alreadyAttached = (handle: number): DsmError =>
  new DsmError(
    'DSM_ALREADY_ATTACHED',
    `this member is attached to segment ${handle} already; findMapping(${handle}) returns it`,
    { op: 'attach' },
  )

export const pinError = (
  code: 'DSM_ALREADY_PINNED' | 'DSM_NOT_PINNED' | 'DSM_UNKNOWN_HANDLE',
  handle: number,
  state: string,
): DsmError => new DsmError(code, `segment ${handle} ${state}`, { op: 'pin' })
