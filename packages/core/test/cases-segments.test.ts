/**
 * The cases of the specification about segments of one member, where no other file has them
 * already: what is refused, and what nothing is asked of the mechanism for.
 */
import { LocalFaults, local } from '@dsm/impl-local'
import { describe, expect, test } from 'vitest'
import { type Dsm, ResourceOwner } from '../src/index.js'
import { code, usePlace } from './support/place.js'

const place = usePlace()
const faults = new LocalFaults()

function open(): Dsm {
  faults.reset()
  return place.open(null, { impl: local({ faults }), maxMembers: 4, maxSegments: 2 })
}

describe('what cannot be made', () => {
  test('cases 29 and 30: with no slot free owner, list and mechanism are left alone', () => {
    const dsm = open()
    const owner = new ResourceOwner('work')
    const made = owner.run(() => [dsm.create(1), dsm.create(2)])
    const before = dsm.segments()
    faults.reset()
    owner.run(() => {
      expect(() => dsm.create(3)).toThrow(code('DSM_TOO_MANY_SEGMENTS'))
      expect(dsm.create(3, { nullIfMaxSegments: true })).toBe(null)
    })
    expect(faults.log).toEqual([])
    expect(owner.size).toBe(2)
    expect(dsm.segments()).toEqual(before)
    owner.releaseAll({ commit: false })
    expect(made.map(({ detached }) => detached)).toEqual([true, true])
  })

  test('case 36: size 0 is a RangeError; no slot, no object, nothing in the owner', () => {
    const dsm = open()
    const owner = new ResourceOwner('work')
    faults.reset()
    expect(() => dsm.create(0, { owner })).toThrow(code('ERR_OUT_OF_RANGE'))
    expect(() => dsm.create(0, { owner })).toThrow(RangeError)
    expect(faults.log).toEqual([])
    expect([owner.size, dsm.segments()]).toEqual([0, []])
  })

  test('case 53: handle 0 is a RangeError (PostgreSQL gives null)', () => {
    const dsm = open()
    expect(() => dsm.attach(0)).toThrow(RangeError)
    expect(() => dsm.findMapping(0)).toThrow(RangeError)
    expect(dsm.stats().attached).toBe(0)
  })
})

test('case 57: a failed attach leaves its owner empty and the reference given back', () => {
  const dsm = open()
  const other = place.open(null, { impl: local({ faults }) })
  const owner = new ResourceOwner('work')
  const { handle } = dsm.create(64)
  faults.at('attach', 1, { errno: 'ENOENT' })
  expect(() => other.attach(handle, { owner })).toThrow(code('DSM_NOT_FOUND'))
  expect(owner.size).toBe(0)
  expect(dsm.segments()).toMatchObject([{ refcnt: 2 }])
  owner.releaseAll({ commit: false })
  expect(dsm.segments()).toMatchObject([{ refcnt: 2 }])
})

test('case 69: a signal that comes during a callback is seen when all callbacks have ended', async () => {
  const segment = open().create(10)
  const ran: string[] = []
  const came = new Promise<void>(resolve => {
    process.once('SIGUSR2', () => {
      ran.push('signal')
      resolve()
    })
  })
  segment.onDetach(() => ran.push('A'))
  segment.onDetach(() => {
    process.kill(process.pid, 'SIGUSR2')
    ran.push('B')
  })
  segment.detach()
  expect(ran).toEqual(['B', 'A'])
  await came
  expect(ran).toEqual(['B', 'A', 'signal'])
  expect(segment.detached).toBe(true)
})

test('case 73: detachAll asks the mechanism for nothing where nothing is attached', () => {
  const dsm = open()
  faults.reset()
  dsm.detachAll()
  expect(faults.log).toEqual([])
  dsm.close()
  faults.reset()
  dsm.detachAll()
  expect(faults.log).toEqual([])
})

test('case 90: at a child’s commit its segments are detached, not handed to the parent', () => {
  const dsm = open()
  const warnings: string[] = []
  const logger = { warn: (message: string) => void warnings.push(message) }
  const parent = new ResourceOwner('parent', null, { logger })
  const child = new ResourceOwner('child', parent)
  const [kept, gone] = [dsm.create(1, { owner: parent }), dsm.create(2, { owner: child })]
  child.releaseAll({ commit: true })
  expect([kept.detached, gone.detached]).toEqual([false, true])
  expect([parent.size, warnings.length]).toEqual([1, 1])
  parent.releaseAll({ commit: false })
  expect(kept.detached).toBe(true)
})
