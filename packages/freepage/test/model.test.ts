/** Random operations beside the bit-array model: case 114 and the random form of 115. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FreePageManager } from '../src/index.js'
import { Model, type RandomRun, runRandom } from './model.js'
import { SEED } from './random.js'

type Series = Omit<RandomRun, 'seed'>

const every = { walkEvery: 1 }
const some = { walkEvery: 100, compared: 9 }
const series: Series[] = [
  { pages: 255, longest: 3, operations: 300_000, ...every },
  { pages: 255, longest: 1, operations: 100_000, ...every },
  { pages: 255, longest: 200, operations: 100_000, ...every },
  { pages: 3, longest: 2, operations: 20_000, ...every },
  { pages: 4_000, longest: 200, operations: 200_000, ...some },
  { pages: 4_000, longest: 2, operations: 200_000, ...some },
  { pages: 40_000, longest: 200, operations: 50_000, ...some },
  { pages: 40_000, longest: 3, operations: 50_000, ...some, scattered: 'shuffled' },
]

let total = 0
for (const [index, run] of series.entries()) {
  const { pages, longest, operations } = run
  const start = run.scattered ? 'every second page' : 'one run'
  const seed = SEED + index
  const title = `${operations} random operations on ${pages} pages, runs of 1 to ${longest} pages`
  test(`case 114: ${title}, from ${start}, agree with the model (SEED=${SEED})`, () => {
    runRandom(FreePageManager, { ...run, seed })
    total += operations
  })
}

test(`case 114: a tree of depth 3 shrinks and grows under random operations (SEED=${SEED})`, () => {
  const run = { pages: 70_000, longest: 1, operations: 20_000, walkEvery: 1000 }
  const { deepest } = runRandom(FreePageManager, {
    ...run,
    compared: 9,
    seed: SEED,
    scattered: 'rising',
  })
  expect(deepest).toBe(3)
  total += run.operations
})

test('case 114: the series add up to a million operations', () => {
  expect(total).toBeGreaterThanOrEqual(1_000_000)
})

test(`case 114: any sequence of calls on any size agrees with the model (SEED=${SEED})`, () => {
  const call = fc.oneof(
    fc.record({ get: fc.integer({ min: 0, max: 140 }) }),
    fc.record({ put: fc.nat(1000) }),
  )
  const calls = fc.array(call, { maxLength: 200, size: 'max' })
  const property = fc.property(fc.integer({ min: 1, max: 600 }), calls, (pages, sequence) => {
    const model = new Model(FreePageManager, pages)
    model.hold(1, pages)
    model.put(0)
    for (const step of sequence) {
      if ('get' in step) model.get(step.get)
      else if (model.held.length > 0) model.put(step.put % model.held.length)
      model.verify()
    }
    model.putAll()
  })
  fc.assert(property, { numRuns: 300, seed: SEED })
})
