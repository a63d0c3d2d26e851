/** What programs hear on `node:diagnostics_channel` of what their own member does. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, expect, test } from 'vitest'
import { usePlace } from './support/place.js'

const place = usePlace()
const SWEPT = { timeout: 30_000, interval: 20 }

type Event = readonly [name: string, payload: Record<string, unknown>]
const undo: (() => void)[] = []
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

function listen(...names: string[]): Event[] {
  const heard: Event[] = []
  for (const name of names) {
    const listener = (payload: unknown) =>
      void heard.push([name, payload as Record<string, unknown>])
    subscribe(`dsm:${name}`, listener)
    undo.push(() => unsubscribe(`dsm:${name}`, listener))
  }
  return heard
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test.each([0, 1 << 20])('a segment’s life is heard, with a main region of %i bytes', async size => {
  const heard = listen('create', 'attach', 'detach', 'destroy')
  const one = place.open('posix', { mainRegionSize: size })
  const two = place.open('posix', {})
  const { handle } = one.create(4096)
  two.attach(handle)!.detach()
  one.detachAll()
  await turn()
  const by = (memberIndex: number) => ({ group: one.name, memberIndex, handle })
  expect(heard).toEqual([
    ['create', { ...by(0), size: 4096 }],
    ['attach', { ...by(1), size: 4096 }],
    ['detach', by(1)],
    ['detach', by(0)],
    ['destroy', by(0)],
  ])
})

test.each([0, 1 << 20])('unpinning the last is a destroy, with a main region of %i', async size => {
  const heard = listen('destroy')
  const dsm = place.open('posix', { mainRegionSize: size })
  const segment = dsm.create(4096)
  segment.pin()
  segment.detach()
  await turn()
  expect(heard).toEqual([])
  dsm.unpinSegment(segment.handle)
  await turn()
  expect(heard).toEqual([['destroy', { group: dsm.name, memberIndex: 0, handle: segment.handle }]])
})

test('a recovery is heard where it ran, and so is every sweep', async () => {
  const heard = listen('recover', 'sweep')
  const dsm = place.open('posix')
  const child = place.member()
  await child.call('open', place.spec(null))
  await child.kill()
  const names = () => heard.map(([name]) => name)
  await expect.poll(names, SWEPT).toContain('recover')
  expect(names()).toContain('sweep')
  expect(heard[0]![1]).toEqual({ group: dsm.name, memberIndex: 0 })
})

test('a lock taken over from a dead member is heard', async () => {
  const heard = listen('takeover', 'recover')
  const dsm = place.open('posix')
  const child = place.member()
  await child.call('open', place.spec(null))
  await child.call('trap', 1, 'kill')
  expect(await child.survives('create', 4096)).toBe(false)
  dsm.create(4096).detach()
  await turn()
  expect(heard.map(([name]) => name)).toEqual(['takeover', 'recover'])
})

test('what a listener throws is uncaught, and the operation succeeds', async () => {
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const uncaught = new Promise(resolve => process.once('uncaughtException', resolve))
  const listener = () => {
    throw new Error('on purpose')
  }
  subscribe('dsm:create', listener)
  undo.push(() => unsubscribe('dsm:create', listener))
  const dsm = place.open('posix')
  expect(dsm.create(4096).size).toBe(4096)
  expect(String(await uncaught)).toContain('on purpose')
  for (const each of before) process.on('uncaughtException', each)
})
