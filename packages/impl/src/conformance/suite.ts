/**
 * Registers checks with the injected runner: each in a room of its own, or skipped for a reason
 * that stands in its name. Reasons come from `impl.supports`, or from a hook that the caller did
 * not give.
 */
import type { DsmImpl, DsmScope, DsmSupports } from '../dsm-impl.js'
import type {
  ConformanceOptions,
  ConformanceSettings,
  ConformanceTest,
  ConformanceTrace,
} from './options.js'
import { Room } from './room.js'

type Need = keyof DsmSupports | 'foreign' | 'remaining'

const REASONS: Readonly<Record<Need, string>> = {
  crossProcess: 'its objects are not reached by other processes',
  enumerate: 'it cannot list its objects',
  ownsNames: 'its names do not carry the nonce',
  survivesReboot: 'its objects end with the machine',
  foreign: 'the suite was given no options.foreign',
  remaining: 'the suite was given no remaining()',
}

export class Suite {
  readonly impl: DsmImpl
  readonly options: ConformanceOptions
  readonly settings: ConformanceSettings
  /** Every scope, handle and OS name that the suite has used. */
  readonly scopes: DsmScope[] = []
  readonly handles = new Map<DsmScope, Set<number>>()
  readonly osNames = new Set<string>()
  readonly #test: ConformanceTest

  constructor(test: ConformanceTest, options: ConformanceOptions) {
    this.#test = test
    this.impl = options.impl
    this.options = options
    this.settings = options.options ?? {}
  }

  /** A check, in a room of its own which is cleared up after it. */
  check(name: string, body: (room: Room) => void | Promise<void>, ...needs: Need[]): void {
    this.bare(name, () => this.#inRoom(body), ...needs)
  }

  /** A check that needs no room. */
  bare(name: string, body: () => void | Promise<void>, ...needs: Need[]): void {
    const test = this.#test
    const missing = needs.find(need => !this.#has(need))
    if (missing === undefined) test(name, body)
    else test.skip(`${name} — ${REASONS[missing]}`, body)
  }

  trace(scopes: readonly DsmScope[] = this.scopes): ConformanceTrace {
    return { scopes, osNames: [...this.osNames] }
  }

  #has(need: Need): boolean {
    if (need === 'foreign') return this.settings.foreign !== undefined
    if (need === 'remaining') return this.options.remaining !== undefined
    return this.impl.supports[need]
  }

  async #inRoom(body: (room: Room) => void | Promise<void>): Promise<void> {
    const room = new Room(this)
    try {
      await body(room)
    } catch (error) {
      // The first error is the one to tell; a broken mechanism may fail to clear up besides.
      await room.leave(false).catch(() => undefined)
      throw error
    }
    await room.leave(true)
  }
}
