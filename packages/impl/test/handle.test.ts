/** Which numbers are handles, and how random bits become one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkHandle,
  checkObjectHandle,
  HANDLE_MAX,
  handleFromRandomBits,
  isMainRegionHandle,
} from '../src/index.js'
import { seedFor } from './seed.js'

test('any bits make an even handle that is not 0', () => {
  const seed = seedFor('handles')
  const property = fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), bits => {
    const handle = handleFromRandomBits(bits)
    checkObjectHandle(handle)
    expect(isMainRegionHandle(handle)).toBe(false)
  })
  fc.assert(property, { seed, numRuns: 2000 })
})

test('31 bits of the source come through, so that names are hard to guess', () => {
  const made = Array.from({ length: 31 }, (_, bit) => handleFromRandomBits(2 ** bit))
  expect(made).toEqual(Array.from({ length: 31 }, (_, bit) => 2 ** (bit + 1)))
  expect(handleFromRandomBits(0x7fff_ffff)).toBe(0xffff_fffe)
  expect(handleFromRandomBits(0)).toBe(2)
  expect(handleFromRandomBits(2 ** 31)).toBe(2)
})

test('handles are 1 to 2^32 - 1; those with an object of their own are even', () => {
  for (const handle of [1, 2, 3, 2 ** 31, HANDLE_MAX])
    expect(() => checkHandle(handle)).not.toThrow()
  for (const handle of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    expect(() => checkHandle(handle)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
  }
  for (const handle of ['2', null, undefined, 2n]) {
    const code = 'ERR_INVALID_ARG_TYPE'
    expect(() => checkHandle(handle)).toThrow(expect.objectContaining({ code }))
  }
  for (const handle of [1, 3, HANDLE_MAX]) {
    expect(isMainRegionHandle(handle)).toBe(true)
    expect(() => checkObjectHandle(handle)).toThrow(/is odd: it names pages of a main region/)
  }
})
