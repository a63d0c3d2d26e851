/**
 * A seeded bug: one place of dsm's own source made wrong, and the campaign that has to notice. The
 * list is `list.ts`; a test holds it against the source, so that it does not rot.
 */
import type { Backend } from '../../campaign.js'

/** How the campaign is run: its short form, and so much less of it. */
export interface Trial {
  readonly campaign: string
  readonly seconds?: number
  readonly cycles?: number
  readonly backend?: Backend
  /** Of `kill-states` and `faults`; ways of `cuts`; scenes of `machine`. */
  readonly operations?: readonly string[]
}

export interface Mutant extends Trial {
  /** What is wrong with it. */
  readonly name: string
  /** From the repository's folder. */
  readonly file: string
  /** Occurs in it once. */
  readonly from: string
  readonly to: string
  /** Of a C++ file: the packages whose addons are made of it. */
  readonly addons?: readonly string[]
}

/** The words of `pnpm campaign`. */
export function wordsOf(trial: Trial, seed: number): string[] {
  const { campaign, seconds, cycles, backend, operations = [] } = trial
  const words = [campaign, '--short', '--seed', String(seed)]
  if (seconds !== undefined) words.push('--for', String(seconds))
  if (cycles !== undefined) words.push('--cycles', String(cycles))
  if (backend !== undefined) words.push('--impl', backend)
  for (const operation of operations) words.push('--operation', operation)
  return words
}

/** @throws if the place is not there, or not alone */
export function spoil(text: string, { name, file, from, to }: Mutant): string {
  const places = text.split(from).length - 1
  if (places !== 1) throw new Error(`"${name}": ${file} has its place ${places} times, not once`)
  return text.replace(from, () => to)
}
