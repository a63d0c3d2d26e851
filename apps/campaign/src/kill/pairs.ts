/**
 * Two deaths: the first in the middle of an operation, the second in the middle of dealing with the
 * first. A third one then finds everything right.
 *
 * All pairs are: each state that the first can leave, with each state that the second can leave
 * after it. In the places after the first one, and in operations that begin as another one did,
 * those pairs that were not met before.
 */
import type { Random } from '../random.js'
import { Execution } from './execution.js'
import type { Ground } from './ground.js'
import { everyPoint, newTally, statesOf, type Tally } from './states.js'
import type { PairsUnit, Place, Report } from './work.js'

/** Few seconds come to more points. */
const SECOND_POINTS_SAMPLED = 90

/** What the first one can leave. */
interface Left {
  /** The first point at which it does. */
  readonly killAt: number
  readonly state: string
}

export async function pairsOf(
  unit: PairsUnit,
  ground: Ground,
  random: Random,
  canary: string | null,
): Promise<Report> {
  const tally = newTally()
  const known = new Set<string>()
  for (const [first, place] of stations(unit)) {
    if (Date.now() > unit.until) break
    const lefts = await whatTheFirstLeaves(first, place, ground, random, tally)
    const kind = { ...place, group: 'busy', operation: unit.second } as const
    const execution = new Execution(kind, ground, random, canary)
    tally.kinds++
    const complete =
      unit.pairs === null
        ? await everyPair(first, unit.until, execution, lefts, known, tally)
        : await somePairs(first, unit, execution, lefts, random, tally)
    if (complete) tally.complete++
    await execution.end()
    tally.kills += execution.kills
    tally.problems.push(...execution.problems)
  }
  return tally
}

const stations = ({ firsts, places }: PairsUnit): [string, Place][] =>
  firsts.flatMap(first => places.map((place): [string, Place] => [first, place]))

async function whatTheFirstLeaves(
  first: string,
  place: Place,
  ground: Ground,
  random: Random,
  tally: Tally,
): Promise<Left[]> {
  const kind = { ...place, group: 'busy', operation: first } as const
  const rehearsal = new Execution(kind, ground, random, null)
  const whole = await rehearsal.kill(0)
  await rehearsal.end()
  tally.problems.push(...rehearsal.problems)
  const states = statesOf(whole, rehearsal.names(whole))
  return states.flatMap((state, index) =>
    states.indexOf(state) === index ? [{ killAt: index + 1, state }] : [],
  )
}

/** True if it came to the end. */
async function everyPair(
  operation: string,
  until: number,
  execution: Execution,
  lefts: readonly Left[],
  known: Set<string>,
  tally: Tally,
): Promise<boolean> {
  for (const { killAt, state } of lefts) {
    const first = { operation, killAt }
    const ordeal = { execution, first, led: `${state}, then ` }
    if (!(await everyPoint(ordeal, known, tally, until))) return false
  }
  return true
}

/** True if there was the time for as many as were asked for. */
async function somePairs(
  operation: string,
  unit: PairsUnit,
  execution: Execution,
  lefts: readonly Left[],
  random: Random,
  tally: Tally,
): Promise<boolean> {
  for (let pairs = 0; pairs < (unit.pairs ?? 0); ) {
    if (Date.now() > unit.until) return false
    const first = { operation, killAt: random.pick(lefts)?.killAt ?? 1 }
    const death = await execution.kill(1 + random.below(SECOND_POINTS_SAMPLED), first)
    if (death.survived) continue
    pairs++
    tally.points++
  }
  return true
}
