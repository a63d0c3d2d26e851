/** The main region, on the mechanisms of the operating system. What needs faults is in control. */
import { describe, expect, test } from 'vitest'
import { ALL, code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()
const PAGE = 4096
const MIB = 2 ** 20

describe.each(ALL)('on %s', kind => {
  const open = (mainRegionSize = MIB) => place.open(kind, { mainRegionSize })

  test('case 42: without one, all handles are even', () => {
    const dsm = place.open(kind, { mainRegionSize: 0 })
    expect(dsm.create(10).handle % 2).toBe(0)
    expect(dsm.stats().mainRegion).toBe(null)
  })

  test('case 43: 1 MiB gives 255 pages: 255 fit, 256 get an object of their own', () => {
    const dsm = open()
    expect(dsm.stats().mainRegion).toEqual({ total: 255, free: 255, largest: 255 })
    const whole = dsm.create(255 * PAGE)
    expect([whole.handle % 2, whole.osName]).toEqual([1, null])
    whole.detach()
    const other = dsm.create(256 * PAGE)
    expect(other.handle % 2).toBe(0)
    expect(other.osName).not.toBe(null)
  })

  test('case 44: 5,000 bytes are 5,000 bytes (PostgreSQL rounds up to 8,192)', () => {
    const dsm = open()
    const segment = dsm.create(5000)
    expect([segment.size, segment.buffer.byteLength, segment.bytes.length]).toEqual([
      5000, 5000, 5000,
    ])
    expect(dsm.stats().mainRegion!.free).toBe(253)
  })

  test('case 45: pages that come back are zeroed (PostgreSQL shows old bytes)', () => {
    const dsm = open()
    for (const size of [10, 16 * PAGE, 40 * PAGE]) {
      for (let round = 0; round < 3; round++) {
        const segment = dsm.create(size)
        expect(segment.bytes.every(byte => byte === 0)).toBe(true)
        segment.bytes.fill(0xff)
        segment.detach()
      }
    }
  })

  test('case 47: the last detach gives pages and slot back', () => {
    const [one, two] = [open(), place.open(null)]
    const segment = one.create(255 * PAGE)
    two.attach(segment.handle)
    segment.detach()
    expect(one.stats().mainRegion!.free).toBe(0)
    two.detachAll()
    expect(one.segments()).toEqual([])
    expect(one.create(255 * PAGE).handle % 2).toBe(1)
  })

  test('case 48: full, creates fall back to objects of their own', () => {
    const dsm = open()
    dsm.create(255 * PAGE)
    expect(dsm.create(1).handle % 2).toBe(0)
  })

  test('ownObject is never carved', () => {
    const segment = open().create(10, { ownObject: true })
    expect([segment.handle % 2, segment.osName === null]).toEqual([0, false])
  })

  test('createAsync carves too', async () => {
    expect((await open().createAsync(40 * PAGE)).handle % 2).toBe(1)
  })
})

describe.each(NATIVE)('between processes on %s', kind => {
  test('case 46: both see the same bytes; each detaches on its own', async () => {
    const dsm = place.open(kind, { mainRegionSize: MIB })
    const other = place.member()
    await other.call('open', place.spec(null))
    for (const size of [100, 40 * PAGE]) {
      const segment = dsm.create(size)
      segment.bytes[size - 1] = 42
      expect(await other.call('attach', segment.handle)).toBeTruthy()
      expect(await other.call('read', segment.handle, size - 1, 1)).toEqual([42])
      segment.detach()
      expect(segment.bytes.length).toBe(0)
      expect(await other.call('read', segment.handle, size - 1, 1)).toEqual([42])
      await other.call('detach', segment.handle)
      expect(dsm.segments()).toEqual([])
    }
  })

  test('a member killed with segments in the region: its pages are had back', async () => {
    const dsm = place.open(kind, { mainRegionSize: MIB })
    const doomed = place.member()
    await doomed.call('open', place.spec(null))
    await doomed.call('create', 200 * PAGE)
    await doomed.kill()
    expect(dsm.create(200 * PAGE).handle % 2).toBe(1)
    expect(dsm.stats()).toMatchObject({ deaths: 1, mainRegion: { free: 55 } })
  })
})

test('a region smaller than two pages, or beyond 4 GiB, is refused', () => {
  for (const mainRegionSize of [-1, 1, 8191, 2 ** 32 + 1, Number.NaN, 1.5]) {
    expect(() => place.open('local', { mainRegionSize })).toThrow(code('ERR_OUT_OF_RANGE'))
  }
  expect(() => place.open('local', { mainRegionSize: '1' as never })).toThrow(TypeError)
  expect(place.open('local', { mainRegionSize: 8193 }).stats().mainRegion!.total).toBe(2)
})
