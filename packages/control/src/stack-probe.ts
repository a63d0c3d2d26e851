/**
 * Makes sure of free stack before shared words change: an overflow between two stores would leave
 * them half done (and `reconcile` would have to mend it). Overflows here, as a RangeError, with
 * nothing touched. Recursion with enough arguments that a frame is about 128 bytes in every tier.
 */
const FRAME_BYTES = 128

function descend(n: number, a: number, b: number, c: number, d: number, e: number): number {
  if (n === 0) return a + b + c + d + e
  return descend(n - 1, b, c, d, e, a) + n
}

let sink = 0

/** @throws RangeError (Maximum call stack size exceeded) if less than `bytes` are free. */
export function probeStack(bytes: number): void {
  sink = descend(bytes / FRAME_BYTES, sink & 1, 0, 0, 0, 0)
}
