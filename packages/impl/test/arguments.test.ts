/** The checks at the public edge: which class, which code, which words. Not who calls them. */
import { expect, test } from 'vitest'
import {
  integerBetween,
  invalidType,
  optionsObject,
  outOfRange,
  stringMatching,
} from '../src/index.js'

function thrown(work: () => void): Error & { code?: string } {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('errors are of the class, the code and the wording that Node has for them', () => {
  const type = invalidType('size', 'a number', null)
  expect(type).toBeInstanceOf(TypeError)
  expect(type).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
  expect(type.message).toBe('"size" must be a number; received null')
  const range = outOfRange('size', 'an integer between 1 and 8', -1)
  expect(range).toBeInstanceOf(RangeError)
  expect(range).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
  expect(range.message).toBe('"size" must be an integer between 1 and 8; received -1')
})

test('integerBetween takes both ends and everything whole between them', () => {
  for (const value of [1, 2, 8]) expect(() => integerBetween('n', value, 1, 8)).not.toThrow()
  for (const value of [0, 9, 1.5, -1, Number.NaN, Infinity, 2 ** 53]) {
    expect(thrown(() => integerBetween('n', value, 1, 8)).code).toBe('ERR_OUT_OF_RANGE')
  }
  for (const value of ['1', 1n, null, undefined, [1], { valueOf: () => 1 }]) {
    expect(thrown(() => integerBetween('n', value, 1, 8)).code).toBe('ERR_INVALID_ARG_TYPE')
  }
})

test('stringMatching tells a wrong type from a wrong text, and quotes the text', () => {
  const check = (value: unknown) => stringMatching('name', value, /^[a-z]+$/, 'small letters')
  expect(() => check('abc')).not.toThrow()
  expect(thrown(() => check('A"\n')).message).toBe(
    '"name" must be small letters; received "A\\"\\n"',
  )
  expect(thrown(() => check('')).code).toBe('ERR_OUT_OF_RANGE')
  expect(thrown(() => check(5)).code).toBe('ERR_INVALID_ARG_TYPE')
})

test('options may be left out, and are an object otherwise', () => {
  for (const value of [undefined, {}, { a: 1 }]) {
    expect(() => optionsObject('options', value)).not.toThrow()
  }
  for (const value of [null, 5, 'x', true]) {
    expect(thrown(() => optionsObject('options', value)).code).toBe('ERR_INVALID_ARG_TYPE')
  }
})
