/** What `soak` takes for growth, and what not. */
import { expect, test } from 'vitest'
import { growthOf, slopeOf } from '../src/campaigns/soak/slope.js'

const readings = (...values: number[]) => values.map((value, at) => ({ at, value }))

test('what is flat does not grow, even if one reading is off', () => {
  expect(growthOf(readings(5, 5, 5, 5))).toBe(0)
  expect(growthOf(readings(5, 5, 900, 5, 5, 5))).toBe(0)
})

test('one more at each reading is a slope of one, whatever one of them says', () => {
  expect(slopeOf(readings(1, 2, 3, 4, 5))).toBe(1)
  expect(growthOf(readings(1, 2, 0, 4, 5))).toBeGreaterThanOrEqual(4)
})

test('of one reading nothing can be said', () => {
  expect(slopeOf(readings(3))).toBe(0)
  expect(growthOf([])).toBe(0)
})
