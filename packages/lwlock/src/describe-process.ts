/**
 * A process in words, for messages only: `pid 123 (stopped)`. Decides nothing; pids are reused, and
 * mean something else in another PID namespace.
 */
import { readFileSync } from 'node:fs'

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'in the kernel',
  T: 'stopped',
  t: 'stopped by a debugger',
  Z: 'dead, not reaped',
  X: 'dead',
}

/** The process with its state where `/proc` tells it. */
export function describeProcess(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const state = STATES[status.charAt(status.lastIndexOf(')') + 2)]
    return state === undefined ? `pid ${pid}` : `pid ${pid} (${state})`
  } catch {
    return `pid ${pid} (not seen from here)`
  }
}
