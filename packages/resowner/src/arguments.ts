/**
 * Errors of misuse, with Node's own codes. This package has no others of its own: what a release
 * callback throws passes through as it is.
 */
function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code })
}

export function invalidType(name: string, expected: string, actual: unknown): TypeError {
  const shown = actual === null ? 'null' : typeof actual
  const message = `"${name}" must be ${expected}; received ${shown}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_TYPE')
}

export function outOfRange(name: string, expected: string, actual: unknown): RangeError {
  const message = `"${name}" must be ${expected}; received ${String(actual)}`
  return coded(new RangeError(message), 'ERR_OUT_OF_RANGE')
}

/** A call that an owner in this state does not allow: `code` is ERR_INVALID_STATE. */
export function invalidState(message: string): Error {
  return coded(new Error(message), 'ERR_INVALID_STATE')
}
