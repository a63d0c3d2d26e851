/** `dsm.lock`: a lock in users' own shared bytes, with the group's way of knowing who is dead. */
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()
const TIMES = 20_000

describe.each(NATIVE)('on %s', kind => {
  test('two processes count to the sum under the lock, losing nothing', async () => {
    const dsm = place.open(kind)
    const words = new Int32Array(dsm.create(64).buffer)
    const { handle } = dsm.segments()[0]!
    const children = [place.member(), place.member()]
    for (const child of children) {
      await child.call('open', place.spec(null))
      await child.call('attach', handle)
    }
    await Promise.all(children.map(child => child.call('count', handle, TIMES)))
    expect(words[1]).toBe(2 * TIMES)
    expect(words[0]).toBe(0)
    for (const child of children) await child.call('close')
  })

  test('a lock whose holder was killed is taken over, and says so once', async () => {
    const dsm = place.open(kind)
    const segment = dsm.create(64)
    const words = new Int32Array(segment.buffer)
    const lock = dsm.lock(words, 0)
    const child = place.member()
    await child.call('open', place.spec(null))
    await child.call('attach', segment.handle)
    await child.call('hold', segment.handle)
    expect(lock.tryAcquire()).toBe(null)
    expect(() => lock.acquire(20)).toThrow(code('DSM_LOCK_TIMEOUT'))
    expect(() => lock.acquire(0)).toThrow(`pid ${child.pid} (`)
    await child.kill()
    const held = lock.acquire()
    expect(held.recovered).toBe(true)
    held.release()
    expect(lock.run(recovered => recovered)).toBe(false)
  })
})

test('a lock is held between threads of one process too, and freed at a worker’s end', async () => {
  const dsm = place.open('posix')
  const segment = dsm.create(64)
  const lock = dsm.lock(new Int32Array(segment.buffer), 0)
  const worker = place.member('worker')
  await worker.call('open', place.spec(null))
  await worker.call('attach', segment.handle)
  await worker.call('hold', segment.handle)
  expect(lock.tryAcquire()).toBe(null)
  await worker.kill()
  const held = await lock.acquireAsync()
  expect(held.recovered).toBe(true)
  held.release()
})

test('a lock is not re-entrant, and times out after lockTimeoutMs', () => {
  const dsm = place.open('posix', { lockTimeoutMs: 10 })
  const other = place.open(null, { lockTimeoutMs: 10 })
  const segment = dsm.create(64)
  const lock = dsm.lock(new Int32Array(segment.buffer), 3)
  const theirs = other.lock(new Int32Array(other.attach(segment.handle)!.buffer), 3)
  const held = lock.acquire()
  expect(() => lock.acquire()).toThrow(code('DSM_LOCK_HELD'))
  expect(() => theirs.acquire()).toThrow(code('DSM_LOCK_TIMEOUT'))
  held.release()
  expect(theirs.acquire().recovered).toBe(false)
})

test('a section that was cut is given up when its segment is detached', () => {
  const [one, two] = [place.open('posix'), place.open(null)]
  const theirs = two.create(64)
  const mine = one.attach(theirs.handle)!
  const lock = one.lock(new Int32Array(mine.buffer), 3)
  const spin = (): never => {
    for (;;);
  }
  Object.assign(globalThis, { cutSection: () => lock.run(spin) })
  expect(() => runInThisContext('cutSection()', { timeout: 50 })).toThrow(
    code('ERR_SCRIPT_EXECUTION_TIMEOUT'),
  )
  const other = two.lock(new Int32Array(theirs.buffer), 3)
  expect(other.tryAcquire()).toBe(null)
  mine.detach()
  expect(other.tryAcquire()?.recovered).toBe(true)
})

test('detaching inside a section gives its lock up, and leaves the others alone', () => {
  const [one, two] = [place.open('posix'), place.open(null)]
  const segments = [one.create(64), one.create(64)]
  const ours = segments.map(({ buffer }) => one.lock(new Int32Array(buffer), 0))
  const theirs = segments.map(({ handle }) => {
    return two.lock(new Int32Array(two.attach(handle)!.buffer), 0)
  })
  ours[0]!.run(() => {
    expect(() => ours[1]!.run(() => segments[1]!.detach())).toThrow()
    expect(theirs[0]!.tryAcquire()).toBe(null)
    expect(theirs[1]!.tryAcquire()?.recovered).toBe(true)
  })
  expect(theirs[0]!.tryAcquire()?.recovered).toBe(false)
})

test('words that are no words are refused', () => {
  const dsm = place.open('posix')
  const { buffer } = dsm.create(64)
  const words = new Int32Array(buffer)
  expect(() => dsm.lock(new Uint32Array(buffer) as never, 0)).toThrow(code('ERR_INVALID_ARG_TYPE'))
  expect(() => dsm.lock(words, 16)).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(() => dsm.lock(words, -1)).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(() => dsm.lock(words, 0.5)).toThrow(code('ERR_OUT_OF_RANGE'))
})
