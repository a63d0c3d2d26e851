/** 300 cycles of everything: descriptors, mappings and objects are as many as before. */
import { describe, expect, test } from 'vitest'
import { NATIVE, usePlace } from './support/place.js'

const place = usePlace()
const CYCLES = 300

describe.each(NATIVE)('on %s', kind => {
  test('300 times create, attach in another process, detach: nothing is left over', async () => {
    const [one, two] = [place.member(), place.member()]
    await one.call('open', place.spec(kind))
    await two.call('open', place.spec(null))
    const cycle = async (n: number) => {
      const { handle } = await one.call('create', 4096 + n)
      await two.call('attach', handle)
      const order = n % 2 === 0 ? [one, two] : [two, one]
      for (const member of order) await member.call('detach', handle)
    }
    for (let n = 0; n < 20; n++) await cycle(n)
    const before = await Promise.all([one.call('counts'), two.call('counts'), place.left()])
    for (let n = 0; n < CYCLES; n++) await cycle(n)
    const after = await Promise.all([one.call('counts'), two.call('counts'), place.left()])
    expect(after).toMatchObject(
      before.map(each => ('maps' in each ? { ...each, maps: expect.any(Number) } : each)),
    )
    // The collector maps and unmaps some of its own; one lost in each cycle would be 300.
    for (const side of [0, 1]) expect(after[side].maps).toBeLessThan(before[side].maps + 100)
    expect(await one.call('segments')).toEqual([])
    await one.call('close')
    await two.call('close')
  })

  test('with buffers that are used: no descriptor and no mapping is left', async () => {
    const [one, two] = [place.member(), place.member()]
    await one.call('open', place.spec(kind))
    await two.call('open', place.spec(null))
    const cycle = async (n: number) => {
      const { handle } = await one.call('create', 4096)
      await two.call('attach', handle)
      await one.call('write', handle, n, [n & 0xff])
      expect(await two.call('read', handle, n, 1)).toEqual([n & 0xff])
      await one.call('detach', handle)
      await two.call('detach', handle)
    }
    for (let n = 0; n < 5; n++) await cycle(n)
    const shared = async () => [
      (await one.call('counts')).shared,
      (await two.call('counts')).shared,
    ]
    const before = [await shared(), (await one.call('counts')).descriptors]
    for (let n = 0; n < 100; n++) await cycle(n)
    expect([await shared(), (await one.call('counts')).descriptors]).toEqual(before)
    await one.call('close')
    await two.call('close')
  })

  test('opening and closing the group 300 times leaves no descriptor and no mapping', async () => {
    const member = place.member()
    const cycle = async () => {
      await member.call('open', place.spec(kind))
      await member.call('close')
    }
    for (let n = 0; n < 5; n++) await cycle()
    const before = await member.call('counts')
    for (let n = 0; n < CYCLES; n++) await cycle()
    const after = await member.call('counts')
    expect([after.descriptors, after.shared]).toEqual([before.descriptors, before.shared])
    expect(place.left()).toEqual([])
  })
})
