/**
 * How JavaScript is stopped in the middle of an operation while its thread lives on. Each cutter
 * says whether it did: an operation that was over first is whole.
 */
import { runInThisContext } from 'node:vm'
import { setStoreTrap } from '@dsm/control'
import { DsmError } from '@dsm/core'

/** What an exception out of a store throws: no Error, so nobody takes it for one of his own. */
export const CUT = 'cut'

const STORE_TIMEOUT_MS = 3

/** Runs `work` until a timeout stops it, wherever it is then: as an uncatchable termination. */
function untilTimeout(timeout: number, work: () => unknown): boolean {
  Object.assign(globalThis, { dsmCut: work })
  try {
    runInThisContext('dsmCut()', { timeout })
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return true
  } finally {
    setStoreTrap(null)
  }
}

/** At the n-th store nothing goes on any more, until the timeout strikes. */
export function cutAtStore(store: number, work: () => unknown): boolean {
  let left = store
  setStoreTrap(() => {
    while (left === 1);
    left--
  })
  return untilTimeout(STORE_TIMEOUT_MS, work)
}

/** `work` again and again, cut at any instruction. */
export function cutAnywhere(timeoutMs: number, work: () => unknown): boolean {
  return untilTimeout(timeoutMs, () => {
    for (;;) work()
  })
}

/** The n-th store throws, and whoever catches may go on. */
export async function throwAtStore(store: number, work: () => unknown): Promise<boolean> {
  let left = store
  setStoreTrap(() => {
    if (--left === 0) throw CUT
  })
  try {
    await work()
  } catch (error) {
    if (error !== CUT) throw error
  } finally {
    setStoreTrap(null)
  }
  return left <= 0
}

/** What an attempt before has done half, or whole without saying so, stands in the way. */
const DONE_BEFORE = [
  'DSM_ALREADY_ATTACHED',
  'DSM_ALREADY_PINNED',
  'DSM_CLOSED',
  'DSM_LOCK_HELD',
  'DSM_NOT_PINNED',
  'DSM_TOO_MANY_MEMBERS',
  'DSM_TOO_MANY_SEGMENTS',
  'DSM_UNKNOWN_HANDLE',
]

/**
 * At every depth from the end of the stack up, until `work` succeeds once. Returns how often the
 * stack overflowed in it.
 */
export function atTheEndOfTheStack(work: () => unknown): number {
  let overflows = 0
  const attempt = (): boolean => {
    try {
      work()
      return true
    } catch (error) {
      if (DsmError.isInstance(error) && DONE_BEFORE.includes(error.code)) return true
      if (!(error instanceof RangeError)) throw error
      overflows++
      return false
    }
  }
  const descend = (): boolean => {
    try {
      if (descend()) return true
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    return attempt()
  }
  descend()
  return overflows
}
