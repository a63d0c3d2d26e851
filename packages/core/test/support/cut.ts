/** How a test stops JavaScript in the middle of an operation, at a given store. */
import { runInThisContext } from 'node:vm'
import { setStoreTrap } from '@dsm/control'
import { expect } from 'vitest'
import { code } from './place.js'

export type Outcome = 'cut' | 'cut early' | 'whole'
export type Cut = (n: number, operation: () => unknown) => Outcome

/** Far longer than any operation; should the machine be slow, the cut is early and done again. */
const TIMEOUT_MS = 15

export const vmTimeout: Cut = (n, operation) => {
  let left = n
  let reached = false
  setStoreTrap(() => {
    if (--left > 0) return
    reached = true
    for (;;);
  })
  Object.assign(globalThis, { cutOperation: operation })
  try {
    runInThisContext('cutOperation()', { timeout: TIMEOUT_MS })
    return 'whole'
  } catch (error) {
    expect(error).toEqual(code('ERR_SCRIPT_EXECUTION_TIMEOUT'))
    return reached ? 'cut' : 'cut early'
  } finally {
    setStoreTrap(null)
  }
}

export const thrown: Cut = (n, operation) => {
  let left = n
  setStoreTrap(() => {
    if (--left === 0) throw 'cut' // no Error, so nothing takes it for one of its own
  })
  try {
    operation()
    return left > 0 ? 'whole' : 'cut'
  } catch (error) {
    expect(error).toBe('cut')
    return 'cut'
  } finally {
    setStoreTrap(null)
  }
}

export const never = (): never => {
  for (;;);
}
export const throwsCut = (): never => {
  throw 'cut'
}

/** Cuts at every store; `before` prepares each time, `after` looks. Returns how many cuts. */
export function atEveryStore(
  cut: Cut,
  before: () => () => unknown,
  after: (outcome: Outcome) => void,
): number {
  for (let n = 1; ; ) {
    const outcome = cut(n, before())
    after(outcome)
    if (outcome === 'whole') return n - 1
    if (outcome === 'cut') n++
  }
}
