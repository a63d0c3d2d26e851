/** Worker threads that open are members of their own; their end is a death of theirs alone. */
import { describe, expect, test } from 'vitest'
import { Ended } from './support/member.js'
import { NATIVE, usePlace } from './support/place.js'

const place = usePlace()

describe.each(NATIVE)('on %s', kind => {
  test('a worker is a member beside its process’s main thread, and shares its bytes', async () => {
    const dsm = place.open(kind)
    const worker = place.member('worker')
    expect((await worker.call('open', place.spec(null))).index).toBe(1)
    const members = dsm.members()
    expect(members.map(({ pid }) => pid)).toEqual([process.pid, process.pid])
    expect(members[0]!.threadId).toBe(0)
    expect(members[1]!.threadId).toBeGreaterThan(0)

    const segment = dsm.create(4096)
    expect(await worker.call('attach', segment.handle)).toBe(4096)
    await worker.call('write', segment.handle, 10, [1, 2, 3])
    expect([...segment.bytes.subarray(9, 14)]).toEqual([0, 1, 2, 3, 0])
    segment.detach()
    expect(await worker.call('read', segment.handle, 10, 3)).toEqual([1, 2, 3])
    await worker.call('close')
    expect(dsm.members()).toHaveLength(1)
    expect(dsm.segments()).toEqual([])
  })
})

test('a worker that is terminated is dead at once, though its process lives', async () => {
  const dsm = place.open('posix', { maxSegments: 1 })
  const worker = place.member('worker')
  await worker.call('open', place.spec(null))
  await worker.call('create', 64)
  expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
  await worker.kill()
  expect(dsm.create(64).size).toBe(64)
  expect(dsm.members()).toHaveLength(1)
})

test('50 workers terminated at random moments: the others go on and nothing is left', async () => {
  const sizes = { maxMembers: 4, maxSegments: 6 }
  const dsm = place.open('posix', sizes)
  const kept = dsm.create(4096)
  kept.bytes.fill(7)
  const steady = place.member('worker')
  await steady.call('open', place.spec(null))
  let next = place.member('worker')
  for (let round = 0; round < 50; round++) {
    const worker = next
    next = place.member('worker')
    await worker.call('open', place.spec(null))
    worker.cast('churn', kept.handle)
    const turns = Math.floor(Math.random() * 4)
    for (let n = 0; n < turns; n++) await new Promise(resolve => setImmediate(resolve))
    await worker.kill()
    expect((await steady.call('create', 64)).size).toBe(64)
    await steady.call('detachAll')
  }
  await next.kill()
  const made = Array.from({ length: 5 }, () => dsm.create(64))
  expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
  for (const segment of made) segment.detach()
  expect(dsm.segments()).toMatchObject([{ handle: kept.handle, refcnt: 2 }])
  expect(dsm.members().map(({ index, alive }) => [index, alive])).toEqual([
    [0, true],
    [1, true],
  ])
  expect(kept.bytes.every(byte => byte === 7)).toBe(true)
  expect(place.objects()).toHaveLength(2)
  await steady.call('close')
})

test('a worker terminated while its createAsync is under way leaves nothing', async () => {
  const dsm = place.open('posix', { maxSegments: 2 })
  for (let round = 0; round < 5; round++) {
    const worker = place.member('worker')
    await worker.call('open', place.spec(null))
    const making = worker.call('createAsync', 32 << 20)
    const lost = expect(making).rejects.toBeInstanceOf(Ended)
    worker.cast('pending', 10_000)
    await Promise.all([worker.kill(), lost.catch(() => {})])
    expect([dsm.create(64).size, dsm.create(64).size]).toEqual([64, 64])
    dsm.detachAll()
  }
  expect(dsm.segments()).toEqual([])
  expect(place.objects()).toHaveLength(1)
})

test('the last member is a worker that is terminated: the next open cleans', async () => {
  const worker = place.member('worker')
  await worker.call('open', place.spec('posix'))
  await worker.call('create', 64)
  await worker.kill()
  expect(place.objects()).toHaveLength(2)
  place.open('posix').close()
  expect(place.left()).toEqual([])
})
