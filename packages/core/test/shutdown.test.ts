/** Ending a life while others are attached. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Dsm } from '../src/index.js'
import { ALL, code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()
const lives = (): unknown[] => JSON.parse(readFileSync(join(place.dir, 'state'), 'utf8')).lives

async function everythingIsClosed(dsm: Dsm): Promise<void> {
  expect(() => dsm.create(64)).toThrow(code('DSM_CLOSED'))
  expect(() => dsm.attach(2)).toThrow(code('DSM_CLOSED'))
  expect(() => dsm.segments()).toThrow(code('DSM_CLOSED'))
  expect(() => dsm.members()).toThrow(code('DSM_CLOSED'))
  await expect(dsm.createAsync(64)).rejects.toEqual(code('DSM_CLOSED'))
}

describe.each(ALL)('on %s', kind => {
  test('shutdown by the only member is close', () => {
    const dsm = place.open(kind)
    dsm.create(64)
    dsm.shutdown()
    dsm.shutdown()
    expect(place.left()).toEqual([])
    expect(() => dsm.create(1)).toThrow(code('DSM_CLOSED'))
  })

  test('the others get DSM_CLOSED and keep what they had mapped', async () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const shared = one.create(4096)
    const seen = two.attach(shared.handle)!
    seen.bytes.fill(9)
    one.shutdown()
    await everythingIsClosed(two)
    expect(seen.bytes.every(byte => byte === 9)).toBe(true)
    seen.bytes[0] = 1
    expect(seen.bytes[0]).toBe(1)
    seen.detach()
    expect(seen.detached).toBe(true)
    two.close()
    expect(place.left()).toEqual([])
    expect(existsSync(place.parent)).toBe(false)
  })

  test('the names of all live segments go with shutdown, not with the last member', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const shared = one.create(4096)
    two.attach(shared.handle)
    const own = two.create(4096)
    own.bytes[0] = 1
    const before = place.left().length
    one.shutdown()
    expect(place.left().length).toBeLessThanOrEqual(before - (kind === 'sysv' ? 0 : 2))
    if (kind === 'sysv')
      expect(place.left().filter(name => name.endsWith('x00000000'))).toHaveLength(2)
    expect(own.bytes[0]).toBe(1)
  })

  test('the next open begins another life beside, and each ends with its last member', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const kept = one.create(4096)
    two.attach(kept.handle)!.bytes[0] = 5
    one.shutdown()
    expect(() => place.open(null)).toThrow(code('DSM_NOT_FOUND'))
    const next = place.open(kind)
    const joined = place.open(null)
    expect(lives()).toHaveLength(2)
    expect(next.controlHandle).not.toBe(two.controlHandle)
    expect(joined.controlHandle).toBe(next.controlHandle)
    expect(next.segments()).toEqual([])
    expect(next.members()).toHaveLength(2)
    expect(joined.attach(next.create(64).handle)?.size).toBe(64)

    expect(two.findMapping(kept.handle)?.bytes[0]).toBe(5)
    two.close()
    expect(lives()).toHaveLength(1)
    expect(readdirSync(place.dir).filter(name => name.startsWith('members.'))).toHaveLength(1)
    expect(joined.members()).toHaveLength(2)
    next.close()
    joined.close()
    expect(place.left()).toEqual([])
  })

  test('the new life may end before the old one', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    one.shutdown()
    const next = place.open(kind)
    next.create(64)
    next.close()
    expect(lives()).toHaveLength(1)
    two.close()
    expect(place.left()).toEqual([])
  })
})

describe.each(NATIVE)('between processes, on %s', kind => {
  test('a process that is shut out reads on, and all is gone when it leaves', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    await child.call('open', place.spec(null))
    const { handle } = dsm.create(4096)
    await child.call('attach', handle)
    await child.call('write', handle, 100, [1, 2, 3])
    dsm.shutdown()
    await expect(child.call('create', 64)).rejects.toEqual(code('DSM_CLOSED'))
    expect(await child.call('read', handle, 100, 3)).toEqual([1, 2, 3])
    await child.call('close')
    expect(place.left()).toEqual([])
  })

  test('shut out and then killed: the next open cleans both lives', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    await child.call('open', place.spec(null))
    await child.call('create', 4096)
    dsm.shutdown()
    await child.kill()
    const next = place.open(kind)
    expect(lives()).toHaveLength(1)
    next.close()
    expect(place.left()).toEqual([])
  })

  test('a createAsync under way during shutdown is DSM_CLOSED, and its object goes', async () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const making = two.createAsync(4 << 20)
    one.shutdown()
    await expect(making).rejects.toEqual(code('DSM_CLOSED'))
    two.close()
    await expect.poll(() => place.left()).toEqual([])
  })

  test('a process that is making a segment is shut out too, and finishes it', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    await child.call('open', place.spec(null))
    const making = child.call('createAsync', 16 << 20)
    dsm.shutdown()
    await expect(making.then(() => child.call('create', 64))).rejects.toEqual(code('DSM_CLOSED'))
    await child.call('close')
    expect(place.left()).toEqual([])
  })
})
