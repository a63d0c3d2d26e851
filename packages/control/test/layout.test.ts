/** Where things stand in a control segment, and that a stored shape is checked by computing it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ControlSegment } from '../src/control-segment.js'
import { readControlSegment } from '../src/control-view.js'
import { B, DEATH, EXTRA, geometry, LAYOUT, MEMBER, NAME, PG, SLOT } from '../src/layout.js'
import { plainControl } from './plain-control.js'
import { seedFor } from './seed.js'

const shapes = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 1_023 }))

describe('geometry', () => {
  test('areas follow one another without overlap, each where its records need it', () => {
    fc.assert(
      fc.property(shapes, ([maxSegments, maxMembers]) => {
        const g = geometry(maxSegments, maxMembers)
        expect(g.partB * 4).toBeGreaterThanOrEqual(16 + 40 * maxSegments)
        expect((g.partB * 4) % 64).toBe(0)
        expect(g.members).toBe(g.partB + B.words)
        expect(g.refs).toBe(g.members + MEMBER.words * maxMembers)
        expect(g.extra).toBeGreaterThanOrEqual(g.refs + g.rowWords * maxSegments)
        expect(g.extra % 16).toBe(0)
        expect(g.names).toBe(g.extra + EXTRA.words * maxSegments)
        expect(g.buckets).toBe(g.names + NAME.words * maxSegments)
        expect(g.bucketCount).toBeGreaterThanOrEqual(maxSegments)
        expect(g.nameBuckets).toBe(g.buckets + g.bucketCount)
        expect(g.deaths).toBeGreaterThanOrEqual(g.nameBuckets + g.bucketCount)
        expect(g.deaths % 16).toBe(0)
        expect(g.deathCapacity).toBeGreaterThan(maxSegments + maxMembers)
        expect(g.sizeBytes).toBe((g.deaths + DEATH.words * g.deathCapacity) * 4)
        expect(g.rowWords * 32).toBeGreaterThanOrEqual(maxMembers)
      }),
      { seed: seedFor('geometry') },
    )
  })

  test('part A is as long as PostgreSQL says: 26,976 bytes for 674 slots', () => {
    expect((PG.words + SLOT.words * 674) * 4).toBe(26_976)
  })

  test('the lock word has a cache line of its own', () => {
    const lock = (geometry(64, 64).partB + B.lock) * 4
    const used = Object.entries(B).filter(([name]) => name !== 'lock' && name !== 'words')
    expect(lock % 64).toBe(0)
    for (const [, word] of used) expect(Math.floor(word / 16)).not.toBe(B.lock / 16)
  })
})

describe('a formatted control segment', () => {
  test('reads as a sane, empty one of PostgreSQL, with nitems = maxitems from the start', () => {
    const view = readControlSegment(plainControl({ maxSegments: 7 }).words.buffer as ArrayBuffer)
    expect(view).toMatchObject({ sane: true, magic: 0x9a503d32, nitems: 7, maxitems: 7 })
    expect(view.slots.every(slot => slot.refcnt === 0)).toBe(true)
  })

  test('is taken for what it is', () => {
    const { words } = plainControl()
    expect(ControlSegment.verify(words.buffer as ArrayBuffer)?.geometry).toEqual(geometry(16, 5))
  })

  test('is nobody’s if any word that decides its shape is another', () => {
    const { words, geometry: g } = plainControl()
    const deciding = [0, 1, 2, ...[0, 2, 3, 4, 5, 6, 7, 8, 9].map(field => g.partB + field)]
    for (const index of deciding) {
      const copy = words.slice()
      copy[index]! ^= 1
      expect(ControlSegment.verify(copy.buffer), `word ${index}`).toBeNull()
    }
  })

  test('is nobody’s if it is cut short or lengthened', () => {
    const { words } = plainControl()
    for (const length of [0, 3, 4, 100, words.length - 1]) {
      expect(ControlSegment.verify(words.slice(0, length).buffer)).toBeNull()
    }
    const longer = new Int32Array(words.length + 1)
    longer.set(words)
    expect(ControlSegment.verify(longer.buffer)).toBeNull()
  })

  test('of another layout is refused with both layouts and the live pids', () => {
    const control = plainControl()
    control.words[control.header(B.layout)] = LAYOUT + 1
    control.words[control.member(2) + MEMBER.live] = 1
    control.words[control.member(2) + MEMBER.pid] = 4711
    expect(() => ControlSegment.verify(control.words.buffer as ArrayBuffer)).toThrow(
      expect.objectContaining({
        code: 'DSM_LAYOUT_MISMATCH',
        message: expect.stringMatching(new RegExp(`4711.*layout ${LAYOUT + 1}.*layout ${LAYOUT}`)),
      }),
    )
  })

  test('of another layout with wild offsets does not make the reader run away', () => {
    const control = plainControl()
    control.words[control.header(B.layout)] = -1
    control.words[control.header(B.membersOffset)] = -5
    control.words[control.header(B.maxMembers)] = 0x7fff_ffff
    expect(() => ControlSegment.verify(control.words.buffer as ArrayBuffer)).toThrow(
      expect.objectContaining({ code: 'DSM_LAYOUT_MISMATCH' }),
    )
  })
})
