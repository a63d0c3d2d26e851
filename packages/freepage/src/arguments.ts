/**
 * Argument checks of the public edge, with Node's own error codes. They run before a word is
 * changed; below the edge numbers are trusted. Not for contradictory bytes: FreePageError.
 */
import { types } from 'node:util'
import { Header } from './layout.js'

function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code })
}

function invalidType(name: string, expected: string, actual: unknown): TypeError {
  const shown = actual === null ? 'null' : typeof actual
  const message = `"${name}" must be ${expected}; received ${shown}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_TYPE')
}

function outOfRange(name: string, expected: string, actual: unknown): RangeError {
  const message = `"${name}" must be ${expected}; received ${String(actual)}`
  return coded(new RangeError(message), 'ERR_OUT_OF_RANGE')
}

function integerBetween(name: string, value: unknown, low: number, high: number): void {
  if (typeof value !== 'number') throw invalidType(name, 'a number', value)
  if (!Number.isInteger(value) || value < low || value > high) {
    throw outOfRange(name, `an integer between ${low} and ${high}`, value)
  }
}

/** @throws TypeError, RangeError unless a header fits into the buffer at that offset. */
export function assertPlace(buffer: unknown, baseOffset: unknown): void {
  if (!types.isArrayBuffer(buffer)) throw invalidType('buffer', 'an ArrayBuffer', buffer)
  integerBetween('baseOffset', baseOffset, 0, Number.MAX_SAFE_INTEGER)
  const offset = baseOffset as number
  if (offset % 8 !== 0) throw outOfRange('baseOffset', 'a multiple of 8', offset)
  const bytes = Header.words * 4
  if (buffer.byteLength - offset < bytes) {
    const expected = `at least ${bytes} bytes before the end of the buffer`
    throw outOfRange('baseOffset', expected, `${offset} of ${buffer.byteLength}`)
  }
}

/** @throws TypeError unless options are left out or an object whose `checked` is a boolean. */
export function assertOptions(options: unknown): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object', options)
  }
  const { checked } = options as { checked?: unknown }
  if (checked !== undefined && typeof checked !== 'boolean') {
    throw invalidType('options.checked', 'a boolean', checked)
  }
}

/** @throws TypeError, RangeError unless a count of pages to ask for; too many is no mistake. */
export function assertPageCount(npages: unknown): void {
  integerBetween('npages', npages, 0, Number.MAX_SAFE_INTEGER)
}

/** @throws TypeError, RangeError unless the run lies behind the header's page and in the buffer. */
export function assertRun(firstPage: unknown, npages: unknown, pageLimit: number): void {
  integerBetween('firstPage', firstPage, 1, pageLimit - 1)
  integerBetween('npages', npages, 1, pageLimit - (firstPage as number))
}

/** The header is not where it was: the buffer was detached, or the bytes were overwritten. */
export function detached(): TypeError {
  return coded(new TypeError('the buffer of this FreePageManager is detached'), 'ERR_INVALID_STATE')
}
