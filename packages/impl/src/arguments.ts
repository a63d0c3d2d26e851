/**
 * Argument checks of the public edge, with Node's own error codes. Below the edge values are
 * trusted. Not for operating failures: those are DsmError.
 */

/** A TypeError as Node makes them: `code` is ERR_INVALID_ARG_TYPE. */
export function invalidType(name: string, expected: string, actual: unknown): TypeError {
  const shown = actual === null ? 'null' : typeof actual
  return Object.assign(new TypeError(`"${name}" must be ${expected}; received ${shown}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  })
}

/** A RangeError as Node makes them: `code` is ERR_OUT_OF_RANGE. */
export function outOfRange(name: string, expected: string, actual: unknown): RangeError {
  return Object.assign(
    new RangeError(`"${name}" must be ${expected}; received ${String(actual)}`),
    {
      code: 'ERR_OUT_OF_RANGE',
    },
  )
}

/** Checks a number. @throws TypeError if not one, RangeError if no integer of [low, high]. */
export function integerBetween(
  name: string,
  value: unknown,
  low: number,
  high: number,
): asserts value is number {
  if (typeof value !== 'number') throw invalidType(name, 'a number', value)
  if (!Number.isInteger(value) || value < low || value > high) {
    throw outOfRange(name, `an integer between ${low} and ${high}`, value)
  }
}

/** Checks a string. @throws TypeError if present and no string, RangeError without a match. */
export function stringMatching(
  name: string,
  value: unknown,
  pattern: RegExp,
  expected: string,
): asserts value is string {
  if (typeof value !== 'string') throw invalidType(name, 'a string', value)
  if (!pattern.test(value)) throw outOfRange(name, expected, JSON.stringify(value))
}

/** Checks an options argument. @throws TypeError unless undefined or a plain object of options. */
export function optionsObject(name: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'object' || value === null)) {
    throw invalidType(name, 'an object', value)
  }
}
