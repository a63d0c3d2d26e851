/** The bit matrix. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clearReference,
  clearRow,
  countReferences,
  holds,
  membersOf,
  popcount,
  setReference,
} from '../src/references.js'
import { plainControl } from './plain-control.js'
import { seedFor } from './seed.js'

test('popcount counts the ones of any int32', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), word => {
      expect(popcount(word)).toBe([...(word >>> 0).toString(2)].filter(c => c === '1').length)
    }),
    { seed: seedFor('popcount') },
  )
})

test('rows of 1 to 1,023 members agree with a set for each slot', () => {
  const step = fc.tuple(fc.nat(2), fc.nat(1022), fc.boolean())
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1023 }), fc.array(step), (maxMembers, changes) => {
      const control = plainControl({ maxSegments: 3, maxMembers })
      const model = [new Set<number>(), new Set<number>(), new Set<number>()]
      for (const [slot, pick, set] of changes) {
        const member = pick % maxMembers
        if (set) setReference(control, slot, member)
        else clearReference(control, slot, member)
        if (set) model[slot]!.add(member)
        else model[slot]!.delete(member)
      }
      model.forEach((expected, slot) => {
        expect(countReferences(control, slot)).toBe(expected.size)
        expect(membersOf(control, slot)).toEqual([...expected].sort((a, b) => a - b))
      })
      clearRow(control, 1)
      expect(countReferences(control, 1)).toBe(0)
      expect(countReferences(control, 2)).toBe(model[2]!.size)
      expect(holds(control, 0, 0)).toBe(model[0]!.has(0))
    }),
    { seed: seedFor('reference matrix') },
  )
})
