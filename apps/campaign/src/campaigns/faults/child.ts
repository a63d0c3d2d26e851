/**
 * The program of the campaigns `faults` and `faults-strace`: finds out which calls each operation
 * makes, and lets each of them fail in each way, all in this process. Before each case it notes it,
 * so that its parent can name the one at which it hung or crashed.
 */
import { openSync, writeSync } from 'node:fs'
import { childOptions } from '../../child.js'
import { Random } from '../../random.js'
import { Bench, type Case, describe } from './bench.js'
import { errorsOf } from './errors.js'
import { operations } from './operations.js'
import type { FaultOptions, FaultResult } from './protocol.js'
import { Shim } from './shim.js'
import { libcName, Strace } from './strace.js'

const NOTE_CHARACTERS = 200
const PROBLEMS_MAX = 40
const UNREACHED_MAX = 2

const options = childOptions<FaultOptions>()
const { by, canary, cases, place, seed } = options
const saboteur = by === 'shim' ? new Shim(place) : new Strace(`${options.progress}.calls`)
const bench = new Bench(saboteur, options)
const random = new Random(seed)
let unreached = 0
const progress = openSync(options.progress, 'w')

function note(one: Case, number: number): void {
  const text = `${number}: ${options.backend}, ${describe(one)}`
  writeSync(progress, text.padEnd(NOTE_CHARACTERS), 0)
}

/** Loads and compiles what the operations need, and makes what Node makes once. */
async function warmUp(): Promise<void> {
  for (const operation of Object.keys(operations)) await bench.count(operation)
}

async function everyCase(): Promise<Case[]> {
  const cases: Case[] = []
  const asked = options.operations ?? Object.keys(operations)
  for (const operation of asked) {
    note({ operation, fault: null }, 0)
    for (const [call, uses] of await bench.count(operation)) {
      for (let nth = 1; nth <= uses; nth++) {
        for (const error of errorsOf(call)) cases.push({ operation, fault: { call, nth, error } })
      }
    }
  }
  return cases
}

function draw<T>(items: readonly T[], count: number): T[] {
  const order = items.map(item => ({ item, at: random.next() }))
  order.sort((a, b) => a.at - b.at)
  return order.slice(0, count).map(({ item }) => item)
}

/** strace sees what this thread does, and takes its time: operations are counted as drawn. */
async function* drawSlowly(): AsyncGenerator<Case> {
  const synchronous = Object.keys(operations).filter(name => !name.includes('Async'))
  for (let drawn = 0; drawn < cases; ) {
    const operation = random.pick(synchronous)!
    const use = random.pick([...(await bench.count(operation))])
    if (use === undefined) continue // it makes no such call
    const [call, count] = use
    const failures = errorsOf(libcName(call)).filter(({ sort }) => sort === 'failure')
    drawn++
    const fault = { call, nth: 1 + random.below(count), error: random.pick(failures)! }
    yield { operation, fault }
  }
}

/**
 * A name that was taken by chance makes for other calls, and the thread pool may make its own when
 * the case is over. More than a few that were not made again would be cases that we only believe.
 */
async function attempt(one: Case): Promise<boolean> {
  return (await bench.one(one)) || (await bench.one(one))
}

async function run(chosen: Iterable<Case> | AsyncIterable<Case>): Promise<void> {
  let number = 0
  for await (const one of chosen) {
    if (bench.problems.length >= (canary === null ? PROBLEMS_MAX : 1)) return
    note(one, ++number)
    if (!(await attempt(one))) unreached++
  }
}

let possible = 0
if (by === 'shim') {
  await warmUp()
  const every = await everyCase()
  possible = every.length
  await run(cases === 0 ? every : draw(every, cases))
} else {
  await run(drawSlowly())
}
const { errors, faults, problems } = bench
if (unreached > UNREACHED_MAX + faults / 100)
  problems.push(`${unreached} calls were not made again`)
process.send?.({ possible, faults, errors, problems } satisfies FaultResult)
process.disconnect()
