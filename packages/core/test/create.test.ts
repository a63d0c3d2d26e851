/** Making segments: what they are, when they cannot be made, and what bad arguments leave alone. */
import { describe, expect, test } from 'vitest'
import type { Dsm } from '../src/index.js'
import { ALL, code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()

describe.each(ALL)('on %s', kind => {
  test('case 27: the first segment has refcnt 2, is not pinned, and is the only one', () => {
    const dsm = place.open(kind)
    const segment = dsm.create(4096)
    expect(dsm.segments()).toMatchObject([
      {
        handle: segment.handle,
        size: 4096,
        refcnt: 2,
        pinned: false,
        kind: 'object',
        osName: segment.osName,
        members: [{ pid: process.pid, threadId: 0 }],
        abandoned: 0,
      },
    ])
    expect(segment.detached).toBe(false)
    expect(segment.abandoned).toBe(0)
  })

  test('case 34: every byte of a new segment is 0, and its length is exactly as asked', () => {
    const dsm = place.open(kind)
    const segment = dsm.create(1_048_576)
    expect(segment.buffer.byteLength).toBe(1_048_576)
    expect(segment.bytes.findIndex(byte => byte !== 0)).toBe(-1)
    expect(segment.buffer).toBe(segment.buffer)
    expect(segment.bytes).toBe(segment.bytes)
    expect(segment.bytes.buffer).toBe(segment.buffer)
  })

  test('case 35: creator and attacher both see a length that is no multiple of a page', () => {
    const creator = place.open(kind)
    const attacher = place.open(null)
    const segment = creator.create(5_000)
    const attached = attacher.attach(segment.handle)
    expect([segment.size, segment.buffer.byteLength]).toEqual([5_000, 5_000])
    expect([attached?.size, attached?.buffer.byteLength]).toEqual([5_000, 5_000])
  })

  test('case 29: with all slots taken create is DSM_TOO_MANY_SEGMENTS, and changes nothing', () => {
    const dsm = place.open(kind, { maxSegments: 3 })
    for (let n = 0; n < 3; n++) dsm.create(64)
    const before = [dsm.segments(), place.left()]
    expect(() => dsm.create(64)).toThrow(code('DSM_TOO_MANY_SEGMENTS'))
    expect(() => dsm.create(64)).toThrow(/all 3 segments of group "g0" are in use/)
    expect([dsm.segments(), place.left()]).toEqual(before)
  })

  test('cases 30 and 32: nullIfMaxSegments gives null, and after a detach create works', () => {
    const dsm = place.open(kind, { maxSegments: 2 })
    const first = dsm.create(64)
    dsm.create(64)
    const before = [dsm.segments(), place.left()]
    expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
    expect([dsm.segments(), place.left()]).toEqual(before)
    first.detach()
    expect(dsm.create(64, { nullIfMaxSegments: true })?.size).toBe(64)
    expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
  })

  test('case 28: slots that were given back are used again, however many came and went', () => {
    const dsm = place.open(kind, { maxSegments: 3 })
    const kept = [dsm.create(64), dsm.create(64)]
    for (let n = 0; n < 20; n++) dsm.create(64).detach()
    expect(dsm.segments().map(({ handle }) => handle)).toEqual(kept.map(({ handle }) => handle))
  })

  test('createAsync makes what create makes', async () => {
    const dsm = place.open(kind)
    const segment = await dsm.createAsync(100_000)
    expect(segment.size).toBe(100_000)
    expect(segment.bytes.findIndex(byte => byte !== 0)).toBe(-1)
    expect(dsm.findMapping(segment.handle)).toBe(segment)
    expect(dsm.segments().map(({ refcnt, size }) => [refcnt, size])).toEqual([[2, 100_000]])
    segment.detach()
    expect(dsm.segments()).toEqual([])
  })

  test('createAsync gives null or DSM_TOO_MANY_SEGMENTS when all slots are taken', async () => {
    const dsm = place.open(kind, { maxSegments: 2 })
    const made = await Promise.all([dsm.createAsync(64), dsm.createAsync(64)])
    await expect(dsm.createAsync(64)).rejects.toEqual(code('DSM_TOO_MANY_SEGMENTS'))
    expect(await dsm.createAsync(64, { nullIfMaxSegments: true })).toBe(null)
    made[0]!.detach()
    expect((await dsm.createAsync(64)).size).toBe(64)
  })

  test('an aborted createAsync is an AbortError and leaves no slot and no object', async () => {
    const dsm = place.open(kind, { maxSegments: 2 })
    const before = place.left()
    const abort = new AbortController()
    const making = dsm.createAsync(64 << 20, { signal: abort.signal })
    abort.abort()
    await expect(making).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    const late = dsm.createAsync(64, { signal: abort.signal })
    await expect(late).rejects.toMatchObject({ name: 'AbortError' })
    expect(dsm.segments()).toEqual([])
    await expect.poll(() => place.left()).toEqual(before) // memory is given back on the thread pool
    expect([dsm.create(1).size, dsm.create(1).size]).toEqual([1, 1])
  })

  test('case 39: while a segment is being made nobody can attach, and then it is whole', async () => {
    const dsm = place.open(kind)
    const other = place.open(null)
    const making = dsm.createAsync(8 << 20)
    const { handle, refcnt } = other.segments()[0]!
    expect(refcnt).toBe(1)
    expect(other.attach(handle)).toBe(null)
    const segment = await making
    expect(segment.handle).toBe(handle)
    expect(other.attach(handle)?.size).toBe(8 << 20)
  })
})

describe.each(NATIVE)('bad sizes, on %s', kind => {
  const bad: [string, unknown, string][] = [
    ['0 (case 36)', 0, 'ERR_OUT_OF_RANGE'],
    ['negative', -1, 'ERR_OUT_OF_RANGE'],
    ['NaN', Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['infinite', Number.POSITIVE_INFINITY, 'ERR_OUT_OF_RANGE'],
    ['a fraction', 1.5, 'ERR_OUT_OF_RANGE'],
    ['2^53', 2 ** 53, 'ERR_OUT_OF_RANGE'],
    ['a string', '64', 'ERR_INVALID_ARG_TYPE'],
    ['a bigint', 64n, 'ERR_INVALID_ARG_TYPE'],
    ['null', null, 'ERR_INVALID_ARG_TYPE'],
    ['missing', undefined, 'ERR_INVALID_ARG_TYPE'],
  ]

  test.each(bad)('a size that is %s is refused and changes nothing', async (_, size, expected) => {
    const dsm = place.open(kind)
    dsm.create(64)
    await refused(dsm, size, expected)
  })

  test('a size beyond sizeMax is refused and changes nothing', async () => {
    const dsm = place.open(kind)
    await refused(dsm, dsm.impl.sizeMax + 1, 'ERR_OUT_OF_RANGE')
  })

  async function refused(dsm: Dsm, size: unknown, expected: string): Promise<void> {
    const before = [dsm.segments(), place.left()]
    expect(() => dsm.create(size as number)).toThrow(code(expected))
    await expect(dsm.createAsync(size as number)).rejects.toEqual(code(expected))
    expect([dsm.segments(), place.left()]).toEqual(before)
  }
})

test('options that are no options are refused before a slot is taken', async () => {
  const dsm = place.open('posix')
  const bad = [null, 'x', { nullIfMaxSegments: 1 }, { nullIfMaxSegments: 'true' }]
  for (const options of bad as object[]) {
    expect(() => dsm.create(64, options)).toThrow(code('ERR_INVALID_ARG_TYPE'))
    await expect(dsm.createAsync(64, options)).rejects.toEqual(code('ERR_INVALID_ARG_TYPE'))
  }
  const signal = 'now' as unknown as AbortSignal
  await expect(dsm.createAsync(64, { signal })).rejects.toEqual(code('ERR_INVALID_ARG_TYPE'))
  expect(dsm.segments()).toEqual([])
})

test('case 37: the handles of 10,000 creates are even, nonzero and 32-bit, no two alike', () => {
  const dsm = place.open('local')
  const handles = new Set<number>()
  for (let n = 0; n < 10_000; n++) {
    const { handle } = dsm.create(1)
    dsm.findMapping(handle)!.detach()
    if (handle <= 0 || handle % 2 !== 0 || handle > 0xffff_fffe) expect.unreachable(`${handle}`)
    handles.add(handle)
  }
  expect(handles.size).toBeGreaterThan(9_990)
})

test('createAsync under way when its Dsm closes beside another is DSM_CLOSED', async () => {
  const dsm = place.open('posix')
  const other = place.open(null)
  const making = dsm.createAsync(8 << 20)
  dsm.close()
  await expect(making).rejects.toEqual(code('DSM_CLOSED'))
  other.close()
  place.open('posix').close()
})

test('createAsync under way when the last Dsm closes is DSM_CLOSED, and nothing stays', async () => {
  const dsm = place.open('posix')
  const making = dsm.createAsync(8 << 20)
  dsm.close()
  await expect(making).rejects.toEqual(code('DSM_CLOSED'))
  place.open('posix').close()
})
