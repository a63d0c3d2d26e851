/**
 * Random numbers that a printed seed brings back: `SEED=123 vitest run` repeats a run.
 * Not for anything secret.
 */
import { randomInt } from 'node:crypto'

/** The seed of this test run; every random test names it in its title. */
export const SEED = Number(process.env.SEED ?? randomInt(1, 2 ** 31))

/** Returns a function that gives integers of [0, below). Xorshift, 32 bits of state. */
export function randomFrom(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 2654435761) ^ 0x2545f491) | 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** The same elements in another order. */
export function shuffled<T>(elements: readonly T[], random: (below: number) => number): T[] {
  const result = [...elements]
  for (let last = result.length - 1; last > 0; last--) {
    const other = random(last + 1)
    const element = result[last]!
    result[last] = result[other]!
    result[other] = element
  }
  return result
}
