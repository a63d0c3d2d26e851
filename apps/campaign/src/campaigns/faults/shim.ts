/**
 * The shim (native/): functions put before libc's own, so that one use of one call by our addons,
 * or by Node for our TypeScript, fails. The process must have been started with it.
 */
import { createRequire } from 'node:module'
import { packageFile } from '../../child.js'
import { errorOf, type Fault, type Sabotaged, type Saboteur } from './saboteur.js'

interface Addon {
  readonly calls: readonly string[]
  readonly preloaded: boolean
  watch(prefixes: readonly string[]): void
  arm(call: number, nth: number, error: number): void
  disarm(): boolean
  countOf(call: number): number
}

const ADDON = packageFile('build/Release/campaign.node')

/** For a child's environment. */
export const preload = { LD_PRELOAD: ADDON }

export class Shim implements Saboteur {
  readonly #addon: Addon

  /**
   * @param place below it is what Node touches for us, besides /dev/shm.
   * @throws if this process was started without it.
   */
  constructor(place: string) {
    this.#addon = (createRequire(import.meta.url)(ADDON) as { faults: Addon }).faults
    if (!this.#addon.preloaded) throw new Error(`${ADDON} was not preloaded`)
    delete process.env.LD_PRELOAD // what is started from here is not under test
    this.#addon.watch([`${place}/`, '/dev/shm', '/proc/sys/kernel/'])
  }

  async during(fault: Fault | null, act: () => unknown): Promise<Sabotaged> {
    const { calls, arm, countOf, disarm } = this.#addon
    const call = fault === null ? 0 : calls.indexOf(fault.call)
    arm(call, fault?.nth ?? 0, fault?.error.number ?? 0)
    const error = await errorOf(act)
    const fired = disarm()
    return { error, fired, uses: new Map(calls.map((name, index) => [name, countOf(index)])) }
  }
}
