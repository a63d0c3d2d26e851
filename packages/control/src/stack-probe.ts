/**
 * Makes sure of free stack before shared words change: an overflow between two stores would leave
 * them half done (and `reconcile` would have to mend it). Overflows here, as a RangeError, with
 * nothing touched.
 *
 * A function that could pass 512 arguments has 512 registers of 8 bytes for them. V8 makes sure of
 * a function's whole frame as it is entered, in optimised code of the frame that unoptimised code
 * would need; so calling it costs a compare and a branch, and tells as much as using the stack. It
 * has too many bytecodes to be inlined into its callers. The test asks all of V8's tiers.
 */

function count(): number {
  // biome-ignore lint/complexity/noArguments: a rest parameter would allocate an array
  return arguments.length
}

/** `a` is never that large; what stands there is never run. */
function wide(frames: number, a: number): number {
  if (frames > 1) return wide(frames - 1, a)
  // biome-ignore format: 512 arguments, 32 in a row
  if (a > 1e9) return (count as (...all: number[]) => number)(
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
    a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
  )
  return a
}

let sink = 0

/** @throws RangeError (Maximum call stack size exceeded) if less than `frames` × 4 kB are free. */
export function probeStack(frames: number): void {
  sink = wide(frames, sink)
}
