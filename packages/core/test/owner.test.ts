/** Segments of resource owners. */

import { LocalFaults, local } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ResourceOwner } from '../src/index.js'
import { code, usePlace } from './support/place.js'

const place = usePlace()

let warnings: string[]
const note = (warning: Error): void => void warnings.push(warning.message)
beforeEach(() => {
  warnings = []
  process.on('warning', note)
})
afterEach(() => {
  process.off('warning', note)
})
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('whose a segment is', () => {
  test('the current owner’s, the one asked for, or nobody’s', () => {
    const [one, two] = [place.open('local'), place.open(null)]
    const owner = new ResourceOwner('work')
    const other = new ResourceOwner('other')
    owner.run(() => {
      const segment = one.create(10)
      one.create(10, { owner: null })
      one.create(10, { owner: other })
      two.attach(segment.handle)
      two.attach(one.create(10, { owner: null }).handle, { owner: other })
    })
    expect([owner.size, other.size]).toEqual([2, 2])
    owner.releaseAll({ commit: false })
    expect(one.segments().map(({ refcnt }) => refcnt)).toEqual([2, 2, 3])
    other.releaseAll({ commit: false })
    expect(one.segments().map(({ refcnt }) => refcnt)).toEqual([2, 2])
  })

  test('it follows an await into createAsync', async () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const segment = await owner.run(async () => {
      await settled()
      return dsm.createAsync(10)
    })
    expect(owner.size).toBe(1)
    owner.releaseAll({ commit: false })
    expect(segment.detached).toBe(true)
  })

  test('an owner that ended while createAsync was at work: an error, and nothing stays', async () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const creating = dsm.createAsync(10, { owner })
    owner.delete()
    await expect(creating).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
    expect(dsm.segments()).toEqual([])
  })

  test('case 40: an owner that takes nothing more throws before anything shared is touched', () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    owner.delete()
    const before = dsm.stats()
    expect(() => dsm.create(10, { owner })).toThrow(code('ERR_INVALID_STATE'))
    expect(() => dsm.create(10, { owner: {} as ResourceOwner })).toThrow(TypeError)
    expect(dsm.stats()).toEqual(before)
  })

  test('case 38: a create that fails leaves its owner as it was, and the references too', () => {
    const faults = new LocalFaults()
    const one = place.open('local', { impl: local({ faults }) })
    const two = place.open(null)
    const { handle } = one.create(10)
    const owner = new ResourceOwner('work')
    faults.at('create', 1, { errno: 'ENOSPC', verb: 'resize' })
    expect(() => one.create(10, { owner })).toThrow(code('DSM_NO_SPACE'))
    owner.releaseAll({ commit: true })
    expect(owner.size).toBe(0)
    expect(two.segments()).toMatchObject([{ handle, refcnt: 2 }])
  })
})

describe('the end of an owner', () => {
  test('case 87: left at commit, a segment is detached, with one warning that names it', async () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const segment = dsm.create(10, { owner })
    owner.releaseAll({ commit: true })
    await settled()
    expect(segment.detached).toBe(true)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(String(segment.handle))
    expect(warnings[0]).toContain('shared memory segment')
  })

  test('case 88: left at abort, silently', async () => {
    const dsm = place.open('local')
    using owner = new ResourceOwner('work')
    const segment = dsm.create(10, { owner })
    owner.releaseAll({ commit: false })
    await settled()
    expect(segment.detached).toBe(true)
    expect(warnings).toEqual([])
  })

  test('case 89: a child’s segments go before its parent’s', () => {
    const dsm = place.open('local')
    const parent = new ResourceOwner('parent')
    const child = new ResourceOwner('child', parent)
    const order: string[] = []
    dsm.create(1, { owner: parent }).onDetach(() => order.push('parent'))
    dsm.create(1, { owner: child }).onDetach(() => order.push('child'))
    parent.releaseAll({ commit: false })
    expect(order).toEqual(['child', 'parent'])
  })

  test('detached by hand, a segment is forgotten: no warning at commit', async () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    dsm.create(10, { owner }).detach()
    owner.releaseAll({ commit: true })
    await settled()
    expect(warnings).toEqual([])
  })

  test('a callback that throws during a release: the next release finishes', () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const ran: string[] = []
    const segment = dsm.create(10, { owner })
    segment.onDetach(() => ran.push('A'))
    segment.onDetach(() => {
      throw new Error('B fails')
    })
    const other = dsm.create(10, { owner })
    expect(() => owner.releaseAll({ commit: false })).toThrow('B fails')
    owner.releaseAll({ commit: false })
    expect(ran).toEqual(['A'])
    expect([segment.detached, other.detached]).toEqual([true, true])
    expect(dsm.segments()).toEqual([])
  })

  test('a callback that detaches another segment of the owner being released does no harm', () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const older = dsm.create(10, { owner })
    dsm.create(20, { owner }).onDetach(() => older.detach())
    owner.releaseAll({ commit: false })
    expect(dsm.segments()).toEqual([])
    expect(owner.size).toBe(0)
  })
})

/** An exception out of `forget` stops a detach where no store is: half of it is done. */
describe('a detach that was cut after it began, and before anything shared was touched,', () => {
  function cutDetach() {
    const [one, other] = [place.open('local'), place.open(null)]
    const owner = new ResourceOwner('work')
    const segment = one.create(10, { owner })
    owner.forget = () => {
      throw 'cut'
    }
    expect(() => segment.detach()).toThrow('cut')
    expect(other.segments()).toHaveLength(1)
    return { one, other, segment }
  }

  test('is whole when it is done again', () => {
    const { other, segment } = cutDetach()
    segment.detach()
    expect(other.segments()).toEqual([])
  })

  test('leaves a segment that findMapping gives out again', () => {
    const { one, other, segment } = cutDetach()
    const again = one.findMapping(segment.handle)
    expect(again).toMatchObject({ detached: false, size: 10 })
    expect(one.findMapping(segment.handle)).toBe(again)
    again?.detach()
    segment.detach()
    expect(other.segments()).toEqual([])
    expect(one.findMapping(segment.handle)).toBe(null)
  })

  test.each(['detachAll', 'close'] as const)('does not keep %s from ending', leave => {
    const { one, other } = cutDetach()
    one[leave]()
    expect(other.segments()).toEqual([])
  })
})
