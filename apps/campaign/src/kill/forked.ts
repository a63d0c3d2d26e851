/**
 * Processes forked from this one, which is quicker than starting Node: for victims that somebody
 * else kills, at any instant. In a process that V8 runs in one thread. Nothing is counted in them.
 */
import { load } from '@dsm/native'
import { packageFile } from '../child.js'

interface Native {
  fork(): number
  pid(): number
  wait(pid: number, milliseconds: number): number | null
}

const SIGKILL = 9
const WAIT_MS = 5_000

const native = (): Native => load<{ probe: Native }>(packageFile('.')).probe

/** Its pid. `live` runs in it, and never returns. */
export function forkVictim(live: () => never): number {
  const { fork, pid } = native()
  const forked = fork()
  if (forked !== 0) return forked
  Object.defineProperty(process, 'pid', { value: pid() })
  return live()
}

/** What it ended by, if that was not SIGKILL; it may have killed itself before. */
export function killVictim(pid: number): string | null {
  const { wait } = native()
  const before = wait(pid, 0)
  if (before === null) process.kill(pid, 'SIGKILL')
  const ending = before ?? wait(pid, WAIT_MS)
  return ending === SIGKILL ? null : `a victim ended by ${ending}`
}
