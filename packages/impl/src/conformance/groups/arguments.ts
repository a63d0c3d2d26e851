/** Misuse: refused with Node's own codes before anything is touched. */
import assert from 'node:assert/strict'
import type { DsmNamespace, DsmScope } from '../../dsm-impl.js'
import { assertFree, assertMisuse, bytes, PAGE, rejected, shown, thrown } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

const NEVER = [-1, -4096, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]
const NO_NUMBER = ['4096', '', null, undefined, 4096n, {}, [4096], true]
const BAD_SIZES: readonly unknown[] = [0, ...NEVER, ...NO_NUMBER]
const BAD_HANDLES: readonly unknown[] = [0, 1, 3, 2 ** 32, 2 ** 32 + 2, 2 ** 32 - 1, ...BAD_SIZES]

const named = (value: unknown) => `${typeof value} ${shown(value)}`

/** One object made before, and a free name: both must be as they were. */
async function unchanged(room: Room, work: (taken: number, free: number) => unknown) {
  const [taken, free] = [room.handle(), room.handle()]
  const mapping = room.create(taken)
  bytes(mapping)[0] = 0x99
  await work(taken, free)
  assertFree(room.space, free)
  const again = room.attach(taken)
  assert.equal(again.identity, mapping.identity)
  assert.equal(bytes(again)[0], 0x99)
  if (room.impl.supports.enumerate && room.impl.supports.ownsNames) {
    assert.deepEqual(room.space.enumerate!(), [taken])
  }
}

const BY_HANDLE: Readonly<Record<string, (space: DsmNamespace, handle: never) => unknown>> = {
  create: (space, handle) => space.create(handle, PAGE),
  attach: (space, handle) => space.attach(handle, PAGE),
  destroy: (space, handle) => space.destroy(handle),
  osName: (space, handle) => space.osName(handle),
}

const badScopes = (good: DsmScope): readonly unknown[] => [
  ...[undefined, null, 5, 'scope', {}, { ...good, dir: undefined }, { ...good, dir: 5 }],
  ...['relative', '', `${good.dir}/\0`].map(dir => ({ ...good, dir })),
  ...['', 'abc', `${good.nonce}a`, `${good.nonce.slice(1)}1`, good.nonce.toUpperCase(), 7].map(
    nonce => ({ ...good, nonce }),
  ),
  ...[undefined, null, 'x', { key: 5 }].map(options => ({ ...good, options })),
]

export function badArguments(suite: Suite): void {
  const { impl } = suite
  const sizes = [...BAD_SIZES, impl.sizeMax + 1]

  for (const [operation, call] of Object.entries(BY_HANDLE)) {
    suite.check(`arguments: ${operation} refuses what is no even handle`, room =>
      unchanged(room, () => {
        for (const handle of BAD_HANDLES) {
          assertMisuse(
            thrown(() => call(room.space, handle as never)),
            named(handle),
          )
        }
      }),
    )
  }

  suite.check('arguments: create refuses what is no size, on free and on taken names', room =>
    unchanged(room, (taken, free) => {
      for (const size of sizes) {
        assertMisuse(
          thrown(() => room.space.create(free, size as never)),
          named(size),
        )
        assertMisuse(
          thrown(() => room.space.create(taken, size as never)),
          named(size),
        )
      }
    }),
  )

  suite.check('arguments: attach refuses what is no size', room =>
    unchanged(room, taken => {
      for (const size of sizes) {
        assertMisuse(
          thrown(() => room.space.attach(taken, size as never)),
          named(size),
        )
      }
    }),
  )

  suite.check('arguments: createAsync rejects for wrong handles, sizes and options', room =>
    unchanged(room, async (_, free) => {
      const { space } = room
      for (const size of sizes) {
        assertMisuse(await rejected(space.createAsync(free, size as never)), named(size))
      }
      for (const handle of BAD_HANDLES) {
        assertMisuse(await rejected(space.createAsync(handle as never, PAGE)), named(handle))
      }
      for (const options of [5, null, 'x', { signal: {} }, { signal: null }, { signal: true }]) {
        const promise = space.createAsync(free, PAGE, options as never)
        assertMisuse(await rejected(promise), named(options))
      }
    }),
  )

  suite.check('arguments: open refuses what is no scope', room => {
    for (const scope of badScopes(room.scope)) {
      assertMisuse(
        thrown(() => impl.open(scope as never)),
        named(scope),
      )
    }
  })
}
