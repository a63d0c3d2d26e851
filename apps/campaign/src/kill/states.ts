/**
 * Every point of one operation, in every kind of group. A point is known again if all that came
 * before it, and that outlives the victim, is the same: then others find the same state.
 */
import { createHash } from 'node:crypto'
import type { Random } from '../random.js'
import { Execution, type First, type Kind } from './execution.js'
import { isLasting } from './fields.js'
import type { Ground } from './ground.js'
import { GROUPS, operations } from './operations.js'
import type { Death } from './probe.js'
import { REGIONS, type Report, type StatesUnit } from './work.js'

export interface Tally {
  kinds: number
  complete: number
  points: number
  kills: number
  states: number
  problems: string[]
}

export const newTally = (): Tally => ({
  ...{ kinds: 0, complete: 0, points: 0, kills: 0, states: 0 },
  problems: [],
})

export async function everyState(
  unit: StatesUnit,
  ground: Ground,
  random: Random,
  canary: string | null,
): Promise<Report> {
  const tally = newTally()
  const known = new Set<string>()
  for (const kind of kindsOf(unit)) {
    if (Date.now() > unit.until) break
    const execution = new Execution(kind, ground, random, canary)
    const first = isFirst(kind, unit)
    if (first && unit.which === 'different') await learn(execution, known)
    else if (first || unit.which !== 'first') {
      tally.kinds++
      const skipped = unit.which === 'different' ? known : null
      if (await everyPoint({ execution, first: null, led: '' }, skipped, tally, unit.until)) {
        tally.complete++
      }
    }
    await execution.end()
    tally.kills += execution.kills
    tally.problems.push(...execution.problems)
    if (canary !== null) break
  }
  return tally
}

/** What is known without being killed at again. */
async function learn(execution: Execution, known: Set<string>): Promise<void> {
  const whole = await execution.kill(0)
  for (const state of statesOf(whole, execution.names(whole))) known.add(state)
}

function kindsOf({ operation, backends }: StatesUnit): Kind[] {
  const { groups } = operations[operation]!
  return GROUPS.filter(group => groups.includes(group)).flatMap(group =>
    backends.flatMap(backend =>
      REGIONS.map(regionBytes => ({ backend, regionBytes, group, operation })),
    ),
  )
}

const isFirst = (kind: Kind, unit: StatesUnit): boolean =>
  kind.group === kindsOf(unit)[0]?.group && kind.backend === unit.backends[0]

/** An operation to be killed at each of its points. */
interface Ordeal {
  readonly execution: Execution
  /** Who dies before. */
  readonly first: First | null
  /** Tells the state that this one left. */
  readonly led: string
}

/** True if it came to the end. */
export async function everyPoint(
  { execution, first, led }: Ordeal,
  known: Set<string> | null,
  tally: Tally,
  until: number,
): Promise<boolean> {
  const whole = await execution.kill(0, first, true)
  tally.states += new Set(whole.points.map(({ hash }) => hash)).size
  const states = statesOf(whole, execution.names(whole), led)
  for (let killAt = 1; ; killAt++) {
    if (Date.now() > until) return false
    const state = states[killAt - 1] ?? null
    if (state !== null && known?.has(state)) continue
    if (state !== null) known?.add(state)
    const death = await execution.kill(killAt, first)
    if (death.survived) return true
    tally.points++
  }
}

/** What stands at each point, told by what led to it. */
export function statesOf({ points }: Death, names: readonly string[], led = ''): string[] {
  let state = led
  return points.map((point, index) => {
    const before = state
    if (isLasting(point)) state = digest(before, names[index]!)
    return before
  })
}

const digest = (before: string, next: string): string =>
  createHash('md5').update(before).update('\n').update(next).digest('base64')
