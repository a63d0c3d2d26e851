/** Reading control segments that nobody vouches for. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readControlSegment } from '../src/control-view.js'
import { geometry } from '../src/layout.js'
import { plainControl } from './plain-control.js'
import { seedFor } from './seed.js'

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

const HEADER = [0x9a503d32, 1, 674, 0]
const padded = (bytes: Uint8Array, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return whole
}

describe('readControlSegment', () => {
  test('reads what a PostgreSQL 15 server had in memory: one pinned segment, attached twice', () => {
    const dump = words(...HEADER, 0xe1ee12ca, 4, 0, 0, 0, 0, 0, 0, 1, 0)
    expect(readControlSegment(padded(dump, 26_976))).toEqual({
      sane: true,
      magic: 0x9a503d32,
      nitems: 1,
      maxitems: 674,
      slots: [{ handle: 0xe1ee12ca, refcnt: 4, firstPage: 0, npages: 0, pinned: true }],
    })
  })

  test('reads a segment of the main region: odd handle, first page 1, 256 pages', () => {
    const dump = words(...HEADER, 0xbacebc01, 4, 1, 0, 0x100, 0, 0, 0, 1, 0)
    const [slot] = readControlSegment(padded(dump, 26_976)).slots
    expect(slot).toMatchObject({ handle: 0xbacebc01, firstPage: 1, npages: 256 })
  })

  test('cases 11 to 14: a wrong magic, too few bytes or nitems above maxitems is insane', () => {
    const sane = padded(words(...HEADER), 26_976)
    expect(readControlSegment(sane).sane).toBe(true)
    expect(readControlSegment(padded(words(0x9a503d33, 1, 674, 0), 26_976)).sane).toBe(false)
    expect(readControlSegment(sane.subarray(0, 26_975)).sane).toBe(false)
    expect(readControlSegment(padded(words(0x9a503d32, 675, 674, 0), 26_976)).sane).toBe(false)
    expect(readControlSegment(new Uint8Array(15)).sane).toBe(false)
    expect(readControlSegment(new ArrayBuffer(0))).toMatchObject({ sane: false, magic: 0 })
  })

  test('case 15: a larger mapping than needed is fine', () => {
    expect(readControlSegment(padded(words(...HEADER), 30_000)).sane).toBe(true)
  })

  test('maxitems near 2^32 cannot make it count past the end', () => {
    const view = readControlSegment(padded(words(0x9a503d32, 0xffff_ffff, 0xffff_ffff, 0), 4096))
    expect(view).toMatchObject({ sane: false, slots: [] })
  })

  test('never throws, and never lists more slots than fit, whatever the bytes', () => {
    const { sizeBytes } = geometry(4, 3)
    const image = new Uint8Array(plainControl({ maxSegments: 4, maxMembers: 3 }).words.buffer)
    const mutations = fc.array(fc.tuple(fc.nat(sizeBytes - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(mutations, fc.nat(sizeBytes), (changes, length) => {
        const bytes = image.slice(0, length)
        for (const [at, value] of changes) bytes[at] = value
        const view = readControlSegment(bytes)
        expect(16 + 40 * view.slots.length).toBeLessThanOrEqual(Math.max(16, length))
      }),
      { seed: seedFor('hostile control segments'), numRuns: 20_000 },
    )
  })

  test('its result is a copy: later changes of the bytes do not show', () => {
    const bytes = padded(words(...HEADER, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0), 26_976)
    const view = readControlSegment(bytes)
    bytes.fill(0xff)
    expect(view.slots[0]).toMatchObject({ handle: 10, refcnt: 2 })
  })

  test('what are no bytes at all is a TypeError', () => {
    for (const value of [null, undefined, 7, 'x', [], new Int32Array(4)]) {
      expect(() => readControlSegment(value as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
      )
    }
  })
})
