/** Attaching by handle, sharing bytes, and letting go: who still has what. */
import { describe, expect, test } from 'vitest'
import { ALL, code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()

describe.each(ALL)('on %s', kind => {
  test('case 51: attaching makes refcnt 3, and both see what either writes', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const created = one.create(4096)
    const attached = two.attach(created.handle)!
    expect(one.segments()[0]).toMatchObject({ refcnt: 3 })
    expect(one.segments()[0]!.members).toHaveLength(2)
    created.bytes[7] = 77
    expect(attached.bytes[7]).toBe(77)
    attached.bytes[4095] = 1
    expect(created.bytes[4095]).toBe(1)
    expect(two.members().map(({ handles }) => handles)).toEqual([
      [created.handle],
      [created.handle],
    ])
  })

  test('case 54: attaching twice is DSM_ALREADY_ATTACHED and changes no count', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const { handle } = one.create(64)
    const attached = two.attach(handle)
    const before = one.segments()
    for (const dsm of [one, two]) {
      expect(() => dsm.attach(handle)).toThrow(code('DSM_ALREADY_ATTACHED'))
    }
    expect(() => two.attach(handle)).toThrow(`findMapping(${handle})`)
    expect(one.segments()).toEqual(before)
    expect(two.findMapping(handle)).toBe(attached)
  })

  test('case 52: an unknown handle is null, and nothing changes', () => {
    const dsm = place.open(kind)
    const { handle } = dsm.create(64)
    const before = dsm.segments()
    for (const unknown of [handle ^ 2, 1, 3, 0xffff_ffff, 2]) {
      if (unknown === handle) continue
      expect(dsm.attach(unknown >>> 0)).toBe(null)
    }
    expect(dsm.segments()).toEqual(before)
  })

  test('cases 59 and 60: the segment lives until the last one lets go, in both orders', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    for (const creatorFirst of [true, false]) {
      const alone = place.left()
      const created = one.create(4096)
      const attached = two.attach(created.handle)!
      created.bytes.fill(9)
      const order = creatorFirst ? [created, attached] : [attached, created]
      order[0]!.detach()
      expect(order[0]!.detached).toBe(true)
      expect(one.segments()).toMatchObject([{ handle: created.handle, refcnt: 2 }])
      expect(order[1]!.bytes[4000]).toBe(9)
      order[1]!.detach()
      expect(one.segments()).toEqual([])
      expect(place.left()).toEqual(alone)
      expect(two.attach(created.handle)).toBe(null)
    }
  })

  test('one who let go can attach again while another keeps the segment', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const created = one.create(64)
    created.bytes[0] = 5
    two.attach(created.handle)
    created.detach()
    const again = one.attach(created.handle)!
    expect(again).not.toBe(created)
    expect(again.bytes[0]).toBe(5)
    expect(created.detached).toBe(true)
    created.detach() // the old one has no more say
    expect(one.segments()[0]!.refcnt).toBe(3)
  })

  test('case 74: findMapping is null before, the segment during, and null after attachment', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const { handle } = one.create(64)
    expect(two.findMapping(handle)).toBe(null)
    const attached = two.attach(handle)
    expect(two.findMapping(handle)).toBe(attached)
    attached!.detach()
    expect(two.findMapping(handle)).toBe(null)
  })

  test('case 72: detachAll lets go of everything, twice is once, the group stays joined', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const shared = one.create(64)
    two.attach(shared.handle)
    const own = [one.create(64), one.create(64)]
    one.detachAll()
    one.detachAll()
    expect([shared, ...own].map(segment => segment.detached)).toEqual([true, true, true])
    expect(one.segments()).toMatchObject([{ handle: shared.handle, refcnt: 2 }])
    expect(one.create(64).size).toBe(64)
  })

  test('case 75: of what is detached the handle still works, the bytes throw; twice is once', () => {
    const dsm = place.open(kind)
    const segment = dsm.create(64)
    {
      using same = segment
      expect(same.detached).toBe(false)
    }
    segment.detach()
    segment[Symbol.dispose]()
    expect(dsm.segments()).toEqual([])
    expect(() => segment.abandoned).toThrow(code('DSM_DETACHED'))
    expect(() => segment.buffer).toThrow(code('DSM_DETACHED'))
    expect(() => segment.bytes).toThrow(code('DSM_DETACHED'))
    expect(typeof segment.osName).toBe('string')
    expect([segment.handle > 0, segment.size]).toEqual([true, 64])
  })

  test('leaving the block of a using Dsm closes it and what it has attached', () => {
    let kept: Uint8Array
    {
      using dsm = place.open(kind)
      kept = dsm.create(64).bytes
      expect(kept.length).toBe(64)
    }
    expect(kept.length).toBe(0)
    expect(place.left()).toEqual([])
  })
})

describe.each(NATIVE)('between processes, on %s', kind => {
  test('case 51: bytes written in one process are read in another, both ways', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    await child.call('open', place.spec(null))
    const segment = dsm.create(8_192)
    segment.bytes.set([1, 2, 3], 5_000)
    expect(await child.call('attach', segment.handle)).toBe(8_192)
    expect(await child.call('read', segment.handle, 5_000, 4)).toEqual([1, 2, 3, 0])
    await child.call('write', segment.handle, 8_190, [8, 9])
    expect([...segment.bytes.subarray(8_190)]).toEqual([8, 9])
    expect(dsm.segments()[0]!.members.map(({ pid }) => pid)).toEqual([process.pid, child.pid])

    segment.detach()
    expect(await child.call('read', segment.handle, 8_190, 2)).toEqual([8, 9])
    await child.call('detach', segment.handle)
    expect(dsm.segments()).toEqual([])
    expect(dsm.attach(segment.handle)).toBe(null)
    await child.call('close')
  })

  test('every use of every old view after detach is harmless: length 0', () => {
    const dsm = place.open(kind)
    const other = place.open(null)
    const segment = dsm.create(65_536)
    const seen = other.attach(segment.handle)!
    const { buffer, bytes } = segment
    const views = [bytes, new Int32Array(buffer), new Float64Array(buffer, 8), bytes.subarray(1)]
    const view = new DataView(buffer)
    const node = Buffer.from(buffer, 16, 32)
    seen.bytes.fill(3)
    segment.detach()
    expect(buffer.byteLength).toBe(0)
    for (const array of [...views, node]) {
      expect(array.length).toBe(0)
      array[0] = 1
      expect(array[0]).toBe(undefined)
      expect(Object.keys(array)).toEqual([])
      expect(() => [...array]).toThrow(TypeError)
      expect(() => array.fill(1)).toThrow(TypeError)
    }
    expect(() => view.getInt8(0)).toThrow(TypeError)
    expect(() => buffer.slice(0)).toThrow(TypeError)
    expect(() => new Uint8Array(buffer)).toThrow(TypeError)
    expect(node.toString()).toBe('')
    expect(seen.bytes.every(byte => byte === 3)).toBe(true)
    expect(segment.buffer).toBe(buffer)
  })
})

describe('handles that cannot be', () => {
  const bad: [string, unknown, string][] = [
    ['0 (case 53: here a RangeError)', 0, 'ERR_OUT_OF_RANGE'],
    ['-0', -0, 'ERR_OUT_OF_RANGE'],
    ['2^32', 2 ** 32, 'ERR_OUT_OF_RANGE'],
    ['negative', -2, 'ERR_OUT_OF_RANGE'],
    ['NaN', Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['a fraction', 2.5, 'ERR_OUT_OF_RANGE'],
    ['a string', '2', 'ERR_INVALID_ARG_TYPE'],
    ['a bigint', 2n, 'ERR_INVALID_ARG_TYPE'],
    ['missing', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['an object', { valueOf: () => 2 }, 'ERR_INVALID_ARG_TYPE'],
  ]
  test.each(bad)(
    '%s is refused by attach and findMapping, and nothing changes',
    (_, handle, why) => {
      const dsm = place.open('posix')
      dsm.create(64)
      const before = [dsm.segments(), dsm.members()]
      expect(() => dsm.attach(handle as number)).toThrow(code(why))
      expect(() => dsm.findMapping(handle as number)).toThrow(code(why))
      expect([dsm.segments(), dsm.members()]).toEqual(before)
    },
  )
})
