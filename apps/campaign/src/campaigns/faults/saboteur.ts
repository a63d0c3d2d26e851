/** Who makes calls fail, as the bench knows it: the shim, or strace. Nothing runs here. */
import type { CallError } from './errors.js'

export interface Fault {
  readonly call: string
  /** From 1. */
  readonly nth: number
  readonly error: CallError
}

export interface Sabotaged {
  /** What the action threw; null: nothing. */
  readonly error: unknown
  /** The call was made, and failed. */
  readonly fired: boolean
  /** How often each call was made. */
  readonly uses: ReadonlyMap<string, number>
}

export interface Saboteur {
  /** @param fault null: nothing fails, and uses are counted. */
  during(fault: Fault | null, act: () => unknown): Promise<Sabotaged>
}

/** What it threw; null: nothing. */
export async function errorOf(act: () => unknown): Promise<unknown> {
  try {
    const acted = act()
    if (acted instanceof Promise) await acted
    return null
  } catch (error) {
    return error
  }
}
