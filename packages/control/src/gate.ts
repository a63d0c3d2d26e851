/**
 * Byte 0 of the group's lock file: held while somebody opens, leaves, ends or cleans the group, so
 * that the last one out and the next one in are never under way together. Order: byte 0 first, then
 * the control lock, never the reverse. The kernel gives it back when its holder dies.
 */
import { DsmError } from '@dsm/impl'
import type { LockFile } from '@dsm/lwlock'
import { type GroupDirectory, makeDirectory } from './group-directory.js'
import { GATE_BYTE, lockFileAt } from './lock-file-at.js'
import type { Steps } from './steps.js'
import type { Unfinished } from './unfinished.js'

const POLL_MS = 1

/**
 * Waits for byte 0, to the deadline (`performance.now()` milliseconds).
 * @param create make the directory and the file if they are not there; else null is returned.
 * @throws DSM_LOCK_TIMEOUT
 */
export function* enterGate(
  directory: GroupDirectory,
  create: boolean,
  deadline: number,
  unfinished: Unfinished,
): Steps<LockFile | null> {
  for (;;) {
    const gate = openGate(directory, create)
    if (gate === 'absent') return null
    if (gate !== 'vanished') {
      unfinished.opened(() => gate.close())
      let entered = false
      try {
        yield* takeGate(gate, directory, deadline)
        entered = gate.linkCount() > 0 // 0: the last one out removed it while we waited
        if (entered) return gate
      } finally {
        if (!entered) gate.close()
      }
    }
    if (performance.now() > deadline) throw gateTimeout(directory)
  }
}

function openGate(directory: GroupDirectory, create: boolean): LockFile | 'absent' | 'vanished' {
  if (create && !makeDirectory(directory)) return 'vanished'
  return lockFileAt(directory.lock, create) ?? (create ? 'vanished' : 'absent')
}

function* takeGate(gate: LockFile, directory: GroupDirectory, deadline: number): Steps<void> {
  while (!gate.take(GATE_BYTE)) {
    if (performance.now() > deadline) throw gateTimeout(directory)
    yield POLL_MS
  }
}

const gateTimeout = (directory: GroupDirectory): DsmError =>
  new DsmError(
    'DSM_LOCK_TIMEOUT',
    `could not lock "${directory.lock}" in time: another process is opening, closing or cleaning ` +
      'this group and has not finished (is it stopped?)',
    { op: 'lock', segment: directory.lock },
  )
