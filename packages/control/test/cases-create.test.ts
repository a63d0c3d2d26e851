/**
 * Making, unpinning and losing segments, case by case as the specification numbers them, where no
 * other file has them already: what fails, and what dies between two steps.
 */
import { PAGE_SIZE } from '@dsm/freepage'
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readControlSegment } from '../src/control-view.js'
import { segments } from '../src/inspect.js'
import { setStoreTrap } from '../src/shared-words.js'
import { LocalGroup } from './local-group.js'

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  setStoreTrap(null)
  stage.end()
  const left = stage.objects
  resetLocal()
  expect(left).toEqual([])
})

describe('create', () => {
  test('case 27: slot 0 has handle, refcnt 2 and no pin; nitems was maxitems before', () => {
    const group = stage.open()
    const before = readControlSegment(group.life.mapping.buffer)
    const { handle } = group.member.create(10)!
    const after = readControlSegment(group.life.mapping.buffer)
    expect([before.nitems, after.nitems, after.maxitems]).toEqual([6, 6, 6])
    expect(before.slots.every(slot => slot.refcnt === 0)).toBe(true)
    expect(after.slots[0]).toMatchObject({ handle, refcnt: 2, pinned: false })
    expect(after.slots.slice(1).every(slot => slot.refcnt === 0)).toBe(true)
  })

  test('case 33: with no slot free no object is made, so there is none whose removal could fail', () => {
    const group = stage.open({ maxSegments: 2 })
    for (let n = 0; n < 2; n++) group.member.create(10)
    stage.faults.reset()
    stage.faults.at('destroy', 1, { errno: 'EIO' })
    expect(group.member.create(10)).toBeNull()
    expect(stage.faults.log).toEqual([])
    expect(stage.warnings).toEqual([])
    stage.faults.reset()
  })

  test.each(['a living member', 'the next life'])(
    'case 41: killed between object and slot, the maker leaves nothing that %s does not find',
    finder => {
      const survivor = finder === 'a living member' ? stage.open() : null
      const doomed = stage.open()
      stage.faults.at('create', 1, {
        after: () =>
          setStoreTrap(() => {
            throw new Error('killed')
          }),
      })
      const before = stage.objects.length
      expect(() => doomed.member.create(10)).toThrow('killed')
      setStoreTrap(null)
      expect(stage.objects).toHaveLength(before + 1)
      stage.die(doomed)
      if (survivor === null) stage.open()
      else survivor.member.sweep()
      expect(stage.objects).toHaveLength(1)
    },
  )
})

describe('the main region', () => {
  test('case 49: of 674 slots no two can have one handle, as two of PostgreSQL’s can', () => {
    const theirs = (slot: number, bits: number): number =>
      (1 | (slot << 1) | (bits << (Math.floor(Math.log2(674)) + 1))) >>> 0
    expect([theirs(1, 0b11), theirs(513, 0b10)]).toEqual([0xc03, 0xc03])
    const group = stage.open({ maxSegments: 674, mainRegionSize: 3 * 2 ** 20 })
    const slots = new Set<number>()
    for (let n = 1; n < 674; n++) {
      const { handle, slot } = group.member.create(PAGE_SIZE)!
      expect([handle & 1, (handle >>> 1) & 1023]).toEqual([1, slot])
      slots.add(slot)
    }
    expect(slots.size).toBe(673)
  })

  test('case 50: pinning and unpinning a carved segment asks the mechanism for nothing', () => {
    const group = stage.open({ mainRegionSize: 2 ** 20 })
    const made = group.member.create(10)!
    const before = stage.faults.log.length
    group.member.pin(made)
    expect(segments(group.member)).toMatchObject([{ refcnt: 3, pinned: true }])
    group.member.unpin(made.handle)
    expect(segments(group.member)).toMatchObject([{ refcnt: 2, pinned: false }])
    expect(stage.faults.log.length).toBe(before)
  })
})

describe('letting go', () => {
  test('case 55: while the last one out removes the object, attaching is null', () => {
    const [one, two] = [stage.open(), stage.open()]
    const made = one.member.create(10)!
    const seen: unknown[] = []
    stage.faults.at('destroy', 1, {
      before: () => {
        seen.push(segments(two.member)[0]!.refcnt, two.member.attach(made.handle))
      },
    })
    one.member.detach(made)
    expect(seen).toEqual([1, null])
    expect(segments(two.member)).toEqual([])
  })

  test('case 61: an unmapping that fails is warned of, and the reference is given back', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    stage.faults.at('detach', 1, { errno: 'EINVAL' })
    group.member.detach(made)
    expect(stage.warnings).toMatchObject([
      { message: expect.stringContaining('could not unmap'), fields: { handle: made.handle } },
    ])
    expect(segments(group.member)).toEqual([])
    expect(group.member.attach(made.handle)).toBeNull()
    expect(stage.objects).toHaveLength(1)
  })

  test('case 83: an unpin whose removal fails is warned of; the slot stays, dying, for a sweep', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    group.member.pin(made)
    group.member.detach(made)
    stage.faults.at('destroy', 1, { errno: 'EIO' })
    group.member.unpin(made.handle)
    expect(stage.warnings).toMatchObject([{ message: expect.stringContaining('later sweep') }])
    expect(segments(group.member)).toMatchObject([{ refcnt: 1, pinned: false }])
    expect(group.member.attach(made.handle)).toBeNull()
    group.member.sweep()
    expect(segments(group.member)).toEqual([])
    expect(stage.objects).toHaveLength(1)
  })
})
