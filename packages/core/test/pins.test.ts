/** Pins of segments and of mappings. */
import { ResourceOwner } from '@dsm/resowner'
import { describe, expect, test } from 'vitest'
import { code, usePlace } from './support/place.js'

const place = usePlace()

describe.each(['local', 'posix', 'region'] as const)('on %s', ground => {
  const open = () =>
    ground === 'region' ? place.open('posix', { mainRegionSize: 1 << 20 }) : place.open(ground)

  test('case 76: a pinned segment outlives every attachment, and can be attached again', () => {
    const [one, two] = [open(), place.open(null)]
    const segment = one.create(100)
    segment.bytes[5] = 55
    segment.pin()
    segment.detach()
    expect(one.segments()).toMatchObject([{ refcnt: 2, pinned: true, members: [] }])
    expect(two.attach(segment.handle)!.bytes[5]).toBe(55)
    two.unpinSegment(segment.handle)
  })

  test('cases 77 and 82: pinned twice is an error that changes nothing; pin, unpin, pin is not', () => {
    const dsm = open()
    const segment = dsm.create(100)
    segment.pin()
    expect(() => segment.pin()).toThrow(code('DSM_ALREADY_PINNED'))
    expect(dsm.segments()).toMatchObject([{ refcnt: 3, pinned: true }])
    segment.unpin()
    segment.pin()
    expect(dsm.segments()).toMatchObject([{ refcnt: 3, pinned: true }])
    segment.unpin()
  })

  test('case 78: unpinned with others attached, it lives on', () => {
    const [one, two] = [open(), place.open(null)]
    const segment = one.create(100)
    segment.pin()
    two.unpinSegment(segment.handle)
    expect(one.segments()).toMatchObject([{ refcnt: 2, pinned: false }])
    expect(segment.bytes.length).toBe(100)
  })

  test('case 79: unpinned by a member that is not attached, as the last reference, it goes', () => {
    const [one, two] = [open(), place.open(null)]
    const segment = one.create(100)
    segment.pin()
    segment.detach()
    two.unpinSegment(segment.handle)
    expect(two.segments()).toEqual([])
    expect(two.attach(segment.handle)).toBe(null)
  })

  test('case 80: unpinning the unknown and the unpinned are two errors, and the lock is free', () => {
    const dsm = open()
    const segment = dsm.create(100)
    expect(() => dsm.unpinSegment(segment.handle)).toThrow(code('DSM_NOT_PINNED'))
    expect(() => segment.unpin()).toThrow(code('DSM_NOT_PINNED'))
    segment.detach()
    expect(() => dsm.unpinSegment(segment.handle)).toThrow(code('DSM_UNKNOWN_HANDLE'))
    expect(() => dsm.unpinSegment(0)).toThrow(RangeError)
    expect(dsm.segments()).toEqual([])
  })
})

describe('pins of mappings', () => {
  test('case 84: a pinned mapping survives the release of its owner; twice is harmless', () => {
    const dsm = place.open('local')
    const owner = new ResourceOwner('work')
    const [kept, gone] = owner.run(() => [dsm.create(10), dsm.create(20)])
    kept!.pinMapping()
    kept!.pinMapping()
    owner.releaseAll({ commit: false })
    expect([kept!.detached, gone!.detached]).toEqual([false, true])
  })

  test('case 85: unpinned under another owner, that one detaches it', () => {
    const dsm = place.open('local')
    const [first, second] = [new ResourceOwner('first'), new ResourceOwner('second')]
    const segment = dsm.create(10, { owner: first })
    segment.pinMapping()
    second.run(() => segment.unpinMapping())
    first.releaseAll({ commit: false })
    expect(segment.detached).toBe(false)
    second.releaseAll({ commit: false })
    expect(segment.detached).toBe(true)
  })

  test('case 86: without a current owner it behaves as pinned; there is nobody to unpin it for', () => {
    const dsm = place.open('local')
    const segment = dsm.create(10)
    expect(() => segment.unpinMapping()).toThrow(code('ERR_INVALID_ARG_TYPE'))
    const owner = new ResourceOwner('work')
    segment.unpinMapping(owner)
    expect(() => segment.unpinMapping(owner)).toThrow(code('ERR_INVALID_STATE'))
    expect(owner.size).toBe(1)
    segment.detach()
    expect(owner.size).toBe(0)
  })

  test('what is detached can be neither pinned nor unpinned', () => {
    const dsm = place.open('local')
    const segment = dsm.create(10)
    segment.detach()
    const attempts = [
      () => segment.pin(),
      () => segment.unpin(),
      () => segment.pinMapping(),
      () => segment.unpinMapping(new ResourceOwner('work')),
      () => segment.onDetach(() => {}),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(code('DSM_DETACHED'))
  })
})
