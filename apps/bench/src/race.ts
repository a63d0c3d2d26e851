/**
 * A race: contenders in turn, A B C A B C. A machine that slows down or speeds up on the way does
 * so for all, so the ratio of neighbours holds where the figures themselves do not. One that fails
 * is a side that says so; the others go on.
 */
import { Companion } from './companion.js'
import type { Assignment, Report } from './contender-child.js'
import { type Latency, latencyOf } from './latency.js'
import { median, spread } from './statistics.js'
import {
  type Comparison,
  type Contender,
  contendersOf,
  type Goal,
  type Length,
  lengthOf,
  type Race,
  type Scale,
  type Trial,
  type Unit,
} from './trial.js'

export interface Side {
  readonly name: string
  readonly at: number | null
  /** One repetition of the work, in the race's unit. */
  readonly median: number | null
  /** Half the distance between the quartiles, over the median. */
  readonly spread: number | null
  readonly samples: number
  readonly latency: Latency | null
  /** Why there are no figures; null: there are. */
  readonly failed: string | null
}

export interface Verdict extends Comparison {
  /** Medians over neighbouring turns. null: one of the two failed. */
  readonly ratio: number | null
  readonly ratioSpread: number | null
  readonly difference: number | null
  /** null: no goal, or nothing to judge by. */
  readonly met: boolean | null
}

export interface RaceResult {
  readonly trial: string
  readonly race: string
  readonly what: string
  readonly unit: Unit
  readonly axis: string | null
  readonly sides: readonly Side[]
  readonly verdicts: readonly Verdict[]
}

class Contestant {
  readonly turns: number[] = []
  readonly samples: number[] = []
  failed: string | null = null
  readonly #companion: Companion

  constructor(
    readonly contender: Contender,
    assignment: Assignment,
  ) {
    this.#companion = new Companion('contender-child', [JSON.stringify(assignment)])
  }

  /** Joined, made and warmed up. */
  async ready(): Promise<void> {
    await this.#report(this.#companion.next())
  }

  async turn(): Promise<void> {
    if (this.failed !== null) return
    const samples = await this.#report(this.#companion.ask('turn'))
    this.samples.push(...samples)
    this.turns.push(median(samples))
  }

  close(): Promise<void> {
    return this.#companion.close()
  }

  async #report(answer: Promise<unknown>): Promise<readonly number[]> {
    try {
      const { failed, samples } = (await answer) as Report
      this.failed = failed
      return samples
    } catch (error) {
      this.failed = (error as Error).message
      return []
    }
  }
}

export async function run(trial: Trial, race: Race, scale: Scale): Promise<RaceResult> {
  const length = lengthOf(race.lengths, scale)
  const contestants = contendersOf(race, scale).map(contender => {
    const own: Length = contender.length?.(length, scale) ?? length
    const names = { trial: trial.name, race: race.name, contender: contender.name }
    return new Contestant(contender, { ...names, scale, length: own })
  })
  try {
    // One after the other: a warm-up beside another would disturb it. The tiny form has none.
    if (scale === 'tiny') await Promise.all(contestants.map(contestant => contestant.ready()))
    for (const contestant of contestants) if (scale !== 'tiny') await contestant.ready()
    for (let turn = 0; turn < length.turns; turn++) {
      for (const contestant of contestants) await contestant.turn()
    }
  } finally {
    await Promise.all(contestants.map(contestant => contestant.close()))
  }
  return resultOf(trial, race, contestants)
}

function resultOf(trial: Trial, race: Race, contestants: readonly Contestant[]): RaceResult {
  const find = (name: string): Contestant | undefined =>
    contestants.find(({ contender }) => contender.name === name)
  const verdicts = race.comparisons.flatMap(comparison => {
    const [ours, theirs] = [find(comparison.ours), find(comparison.theirs)]
    return ours && theirs ? [verdictOf(comparison, ours, theirs)] : [] // left out of the tiny form
  })
  const { name, what, unit = 'ns', axis = null, latency = false } = race
  const sides = contestants.map(contestant => sideOf(contestant, latency))
  return { trial: trial.name, race: name, what, unit, axis, sides, verdicts }
}

function sideOf({ contender, samples, failed }: Contestant, latency: boolean): Side {
  const fine = failed === null
  return {
    name: contender.name,
    at: contender.at ?? null,
    median: fine ? median(samples) : null,
    spread: fine ? spread(samples) : null,
    samples: samples.length,
    latency: latency && fine ? latencyOf(samples) : null,
    failed,
  }
}

function verdictOf(comparison: Comparison, ours: Contestant, theirs: Contestant): Verdict {
  if (ours.failed !== null || theirs.failed !== null) {
    return { ...comparison, ratio: null, ratioSpread: null, difference: null, met: null }
  }
  const ratios = ours.turns.map((our, turn) => our / theirs.turns[turn]!)
  const ratio = median(ratios)
  const difference = median(ours.turns.map((our, turn) => our - theirs.turns[turn]!))
  const met = isMet(comparison.goal, ratio, difference)
  return { ...comparison, ratio, ratioSpread: spread(ratios), difference, met }
}

export function isMet(goal: Goal | null, ratio: number, difference: number): boolean | null {
  if (goal === null) return null
  if ('times' in goal) return ratio <= goal.times
  if ('plusNs' in goal) return difference <= goal.plusNs
  return 1 / ratio >= goal.rate
}
