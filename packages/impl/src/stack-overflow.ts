/**
 * An overflow of the stack, which can come at any call, also inside clean-up. It says that
 * something was cut in the middle, and nothing about what that was: no reason to think memory gone.
 */
export const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
