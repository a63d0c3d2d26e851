/**
 * What the terminal, RESULTS.md and the page all show: one line for each comparison, and one for
 * each contender that is compared with nobody. Several runs of a race become medians of runs, and
 * the ratio of every run stands beside.
 */
import type { RaceResult, Side, Verdict } from '../race.js'
import { isMet } from '../race.js'
import { median, range } from '../statistics.js'
import { figure, goalText, percent, times } from './figures.js'

export interface Line {
  readonly race: string
  readonly work: string
  readonly ours: string
  readonly oursFigure: string
  readonly theirs: string
  readonly theirsFigure: string
  /** "1.20 ×", or "+ 3.1 µs" where that is the question. */
  readonly ratio: string
  readonly goal: string
  /** "met", "not met", "" where there is no goal, or why there is no figure. */
  readonly verdict: string
  /** The ratio of each run. */
  readonly runs: string
  /** Distance of the extreme runs, over their median. */
  readonly range: string
  /** For plots. null: no goal in the form of a ratio, or no figure. */
  readonly overGoal: number | null
}

export type Runs = readonly RaceResult[]

const present = (values: readonly (number | null)[]): number[] =>
  values.filter(value => value !== null)

export const sidesNamed = (runs: Runs, name: string): Side[] =>
  runs.flatMap(({ sides }) => sides.filter(side => side.name === name))

/** null: no run has one. */
export function medianOf(runs: Runs, name: string): number | null {
  const medians = present(sidesNamed(runs, name).map(side => side.median))
  return medians.length === 0 ? null : median(medians)
}

function figureOf(runs: Runs, name: string): string {
  const value = medianOf(runs, name)
  if (value === null) return '–'
  const spreads = present(sidesNamed(runs, name).map(({ spread }) => spread))
  return `${figure(value, runs[0]!.unit)} ± ${percent(median(spreads))}`
}

const failureOf = (runs: Runs, names: readonly string[]): string | null => {
  const failed = names.flatMap(name => sidesNamed(runs, name).filter(side => side.failed !== null))
  return failed[0] === undefined ? null : `${failed[0].name}: ${failed[0].failed}`
}

/** Signed. */
const more = (ns: number): string => `${ns < 0 ? '−' : '+'} ${figure(Math.abs(ns), 'ns')}`

const verdictText = (met: boolean | null): string => (met === null ? '' : met ? 'met' : 'not met')

function comparisonLine(runs: Runs, first: Verdict): Line {
  const { ours, theirs, goal } = first
  const same = runs.flatMap(({ verdicts }) =>
    verdicts.filter(verdict => verdict.ours === ours && verdict.theirs === theirs),
  )
  const ratios = present(same.map(({ ratio }) => ratio))
  const differences = present(same.map(({ difference }) => difference))
  const measured = ratios.length > 0
  const isSum = goal !== null && 'plusNs' in goal
  const isRate = goal !== null && 'rate' in goal
  const values = isSum ? differences : isRate ? ratios.map(ratio => 1 / ratio) : ratios
  const text = (value: number): string =>
    isSum ? more(value) : `${isRate ? 'rate ' : ''}${times(value)}`
  const met = measured ? isMet(goal, median(ratios), median(differences)) : null
  return {
    race: runs[0]!.race,
    work: runs[0]!.what,
    ours,
    oursFigure: figureOf(runs, ours),
    theirs,
    theirsFigure: figureOf(runs, theirs),
    ratio: measured ? text(median(values)) : '–',
    goal: goalText(goal),
    verdict: failureOf(runs, [ours, theirs]) ?? verdictText(met),
    runs: values.map(text).join(', '),
    range: values.length > 1 ? percent(range(values)) : '',
    overGoal: measured && goal !== null && 'times' in goal ? median(ratios) / goal.times : null,
  }
}

function alone(runs: Runs, { name }: Side): Line {
  return {
    race: runs[0]!.race,
    work: runs[0]!.what,
    ours: name,
    oursFigure: figureOf(runs, name),
    theirs: '',
    theirsFigure: '',
    ratio: '',
    goal: '',
    verdict: failureOf(runs, [name]) ?? '',
    runs: '',
    range: '',
    overGoal: null,
  }
}

export function linesOf(runs: Runs): Line[] {
  const [first] = runs
  if (first === undefined) return []
  const { verdicts, sides } = first
  const compared = new Set(verdicts.flatMap(({ ours, theirs }) => [ours, theirs]))
  return [
    ...verdicts.map(verdict => comparisonLine(runs, verdict)),
    ...sides.filter(({ name }) => !compared.has(name)).map(side => alone(runs, side)),
  ]
}

export const hasGoal = (line: Line): boolean => line.goal !== ''
