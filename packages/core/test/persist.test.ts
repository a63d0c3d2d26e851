/** Pinned segments that outlive the last member. */
import { describe, expect, test } from 'vitest'
import { ALL, NATIVE, usePlace } from './support/place.js'

const place = usePlace()

describe.each(ALL)('on %s', kind => {
  test('pinned, they wait for the next member; the rest goes with the last one', () => {
    for (const mainRegionSize of [0, 1 << 20]) {
      place.newName()
      const first = place.open(kind, { persist: true, mainRegionSize })
      const kept = first.create(5000)
      kept.bytes.fill(7)
      kept.pin()
      first.publish('kept', kept.handle)
      first.create(100)
      first.close()
      const next = place.open(kind)
      expect(next.segments()).toMatchObject([{ handle: kept.handle, refcnt: 2, pinned: true }])
      const again = next.attach(next.lookup('kept')!)!
      expect(again.bytes.every(byte => byte === 7)).toBe(true)
      again.unpin()
      again.detach()
      expect(next.segments()).toEqual([])
      next.close()
    }
  })

  test('without persist a pin ends with the last member', () => {
    const first = place.open(kind)
    first.create(100).pin()
    first.close()
    expect(place.open(kind).segments()).toEqual([])
  })
})

test.each(NATIVE)('on %s: all members killed, the pinned ones wait all the same', async kind => {
  const doomed = place.member()
  await doomed.call('open', { ...place.spec(kind), persist: true })
  const { handle } = await doomed.call('create', 100)
  await doomed.call('create', 200)
  await doomed.call('pin', handle)
  await doomed.kill()
  const next = place.open(kind)
  expect(next.segments()).toMatchObject([{ handle, size: 100, refcnt: 2, pinned: true }])
  next.unpinSegment(handle)
})
