/**
 * Two drivers at once, one for each processor of a small machine, take what there is to do from one
 * list. V8 runs without threads of its own in them, since none of those would be in a forked
 * victim, and with little memory; and in one of three ways, since a store is another instruction in
 * each.
 */
import type { CampaignOptions, Outcome, Tier } from '../campaign.js'
import { Child } from '../child.js'
import type { Random } from '../random.js'
import { needs } from './probe.js'
import type { DriverOptions, Report, Unit } from './work.js'

const DRIVERS = 2
const WATCHDOG_MS = 4 * 3600 * 1000

/** With 1 MB for what is new: each victim gets a copy of all pages that its driver ever used. */
const SMALL = ['--single-threaded', '--v8-pool-size=0', '--max-semi-space-size=1']

/** Flags of V8, from 11 (Node 20) on. */
const FLAGS = {
  interpreter: ['--no-sparkplug', '--no-maglev', '--no-opt'],
  baseline: ['--always-sparkplug', '--no-maglev', '--no-opt'],
  default: [],
} as const satisfies Record<Tier, readonly string[]>

interface Totals {
  kinds: number
  complete: number
  points: number
  states: number
  kills: number
}

export interface Round {
  readonly units: readonly Unit[]
  readonly tier: Tier
  readonly random: Random
  /** What a point is called in the closing line. */
  readonly noun: string
}

/** When each of so many rounds ends, in Unix milliseconds, if all of them have so many seconds. */
export function deadlines(seconds: number, rounds: number): number[] {
  const each = seconds > 0 ? (seconds * 1000) / rounds : Number.MAX_SAFE_INTEGER / (2 * rounds)
  return Array.from({ length: rounds }, (_, index) => Date.now() + each * (index + 1))
}

/** All units, each once. */
export async function drive(options: CampaignOptions, rounds: readonly Round[]): Promise<Outcome> {
  const why = needs()
  if (why !== null) return { figures: {}, problems: [`it cannot run here: ${why}`] }
  const totals: Totals = { kinds: 0, complete: 0, points: 0, states: 0, kills: 0 }
  const problems: string[] = []
  for (const round of rounds) {
    const left = [...round.units]
    const drivers = Array.from({ length: Math.min(DRIVERS, left.length) }, () =>
      drain(left, round, options, totals, problems),
    )
    await Promise.all(drivers)
  }
  const { kinds, complete, points, states, kills } = totals
  const tiers = [...new Set(rounds.map(({ tier }) => tier))].join('+')
  const backends = options.backends.join('+')
  const noun = rounds[0]?.noun ?? 'points'
  return { figures: { backends, tiers, kinds, complete, [noun]: points, states, kills }, problems }
}

async function drain(
  left: Unit[],
  { tier, random, noun }: Round,
  { canary, node, say }: CampaignOptions,
  totals: Totals,
  problems: string[],
): Promise<void> {
  const options: DriverOptions = { seed: random.fork(), canary }
  const child = new Child('kill-driver', {
    args: [JSON.stringify(options)],
    nodeArgs: [...SMALL, ...FLAGS[tier]],
    watchdogMs: WATCHDOG_MS,
    ...(node === null ? {} : { node }),
  })
  try {
    for (let unit = left.shift(); unit !== undefined; unit = left.shift()) {
      if (Date.now() > unit.until) break
      child.send(unit)
      const report = await child.message<Report>()
      const { points, kills, problems: found } = report
      const seen = `${points} ${noun}, ${kills} kills, ${found.length} problems`
      say(`${nameOf(unit)} (V8: ${tier}): ${seen}`)
      for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += report[name]
      problems.push(...found.map(problem => `${problem} (V8: ${tier})`))
    }
    child.send(null)
  } catch (error) {
    problems.push(`a driver: ${(error as Error).message}`)
    child.kill()
  }
  const { code, signal } = await child.ended
  if (code !== 0) problems.push(`a driver ended with ${code ?? signal}: ${child.stderr.join('')}`)
}

const nameOf = (unit: Unit): string =>
  unit.type === 'states' ? unit.operation : `${unit.firsts.join('; ')}, then ${unit.second}`
