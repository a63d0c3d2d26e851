/** The ways in which a process or a worker ends, and what is left of it: nothing, or for a signal
 * nothing after the next open. */
import { describe, expect, test } from 'vitest'
import type { Where } from './support/member.js'
import { NATIVE, usePlace } from './support/place.js'

const place = usePlace()

const ORDERLY: readonly [string, Where, string, unknown[], { code: number }][] = [
  ['process.exit', 'process', 'exit', [3], { code: 3 }],
  ['the end of the event loop', 'process', 'finish', [], { code: 0 }],
  ['an uncaught exception', 'process', 'throw', [], { code: 1 }],
  ['an unhandled rejection', 'process', 'reject', [], { code: 1 }],
  ['process.exit in a worker', 'worker', 'exit', [3], { code: 3 }],
  ['the end of a worker’s event loop', 'worker', 'finish', [], { code: 0 }],
  ['an uncaught exception in a worker', 'worker', 'throw', [], { code: 1 }],
]

describe.each(NATIVE)('on %s', kind => {
  test.each(ORDERLY)('%s leaves nothing', async (_, where, op, args, end) => {
    const member = place.member(where)
    await member.call('open', place.spec(kind))
    await member.call('create', 64)
    await member.call('create', 100_000)
    expect(place.left().length).toBeGreaterThan(2)
    member.cast(op, ...args)
    expect(await member.ended).toMatchObject(end)
    expect(place.left()).toEqual([])
  })

  test('SIGTERM runs nothing of ours: the next open cleans', async () => {
    const member = place.member()
    await member.call('open', place.spec(kind))
    await member.call('create', 64)
    member.signal('SIGTERM')
    expect(await member.ended).toEqual({ code: null, signal: 'SIGTERM' })
    expect(place.left().length).toBeGreaterThan(2)
    place.open(kind).close()
    expect(place.left()).toEqual([])
  })
})

test('case 71: a member that exits leaves the others what they hold, and no entry', async () => {
  const dsm = place.open('posix')
  const member = place.member()
  await member.call('open', place.spec(null))
  const { handle } = await member.call('create', 64)
  await member.call('write', handle, 0, [7])
  const shared = dsm.attach(handle)!
  await member.call('create', 64)
  member.cast('exit', 0)
  await member.ended
  expect(dsm.segments()).toMatchObject([{ handle, refcnt: 2, abandoned: 0 }])
  expect(dsm.members()).toHaveLength(1)
  expect(shared.bytes[0]).toBe(7)
})

test('several groups open at the end are all closed', async () => {
  const member = place.member()
  await member.call('open', place.spec('posix'))
  await member.call('open', place.spec('posix', { name: place.newName() }))
  await member.call('open', place.spec('sysv', { name: place.newName() }))
  member.cast('exit', 0)
  await member.ended
  expect(place.left()).toEqual([])
})

test('an open Dsm keeps no event loop alive', async () => {
  const member = place.member()
  await member.call('open', place.spec('posix'))
  await member.call('create', 64)
  member.cast('finish')
  expect(await member.ended).toEqual({ code: 0, signal: null })
})

test('an exit in the middle of createAsync leaves nothing after the next open', async () => {
  const member = place.member()
  await member.call('open', place.spec('posix'))
  member.cast('createAsync', 64 << 20)
  member.cast('exit', 0)
  await member.ended
  place.open('posix').close()
  expect(place.left()).toEqual([])
})
