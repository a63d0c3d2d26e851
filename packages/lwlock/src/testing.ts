/**
 * For tests and kill campaigns, of this package and of those above it. Not for production code.
 */
import { checkToken, type DeathOracle, describeToken } from './death-oracle.js'
import { memberOf } from './token.js'

/**
 * An oracle without a kernel: `living` is the set of tokens that are alive, shared between the
 * oracles of one test. Killing is `living.delete(token)`.
 * @throws Error if asked about its own member, which no correct caller does
 */
export function memoryOracle(token: number, living: ReadonlySet<number>): DeathOracle {
  checkToken('token', token)
  return {
    token,
    isDead(other) {
      if (memberOf(other) === memberOf(token)) {
        throw new Error(`the oracle of ${describeToken(token)} was asked about itself`)
      }
      return !living.has(other)
    },
    describe: describeToken,
  }
}

/** Called before and after each store; throwing from it cuts the operation there. */
export type StoreHook = (when: 'before' | 'after', operation: string, index: number) => void

const WRITERS = ['add', 'and', 'compareExchange', 'exchange', 'or', 'store', 'sub', 'xor'] as const

/**
 * Calls `hook` around every atomic store (a failed compare-and-swap too) into Int32Arrays over
 * `buffer`, in this thread, until disposed. It replaces functions of the global `Atomics`, which is
 * looked up at each use, so code under test needs no hook of its own and pays for none.
 */
export function interceptStores(buffer: ArrayBufferLike, hook: StoreHook): Disposable {
  const table = Atomics as unknown as Record<string, (...args: never[]) => unknown>
  const originals = WRITERS.map(operation => [operation, table[operation]!] as const)
  for (const [operation, original] of originals) {
    table[operation] = (...args: unknown[]) => {
      const [words, index] = args as [Int32Array, number]
      const watched = words.buffer === buffer
      if (watched) hook('before', operation, index)
      const result = original(...(args as never[]))
      if (watched) hook('after', operation, index)
      return result
    }
  }
  return {
    [Symbol.dispose]() {
      for (const [operation, original] of originals) table[operation] = original
    },
  }
}
