/**
 * Mutants: lines that guard a case, each spoilt once in a copy of the repository, and whether the
 * case's own test noticed. `mutants/run.mjs` makes them and writes down what happened.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Mutant {
  readonly case: number
  /** As `core`. */
  readonly package: string
  /** Within the package. */
  readonly file: string
  /** Occurs exactly once there. */
  readonly from: string
  readonly to: string
  /** The test file, within the package. */
  readonly test: string
  /** What the title begins with, if it is not “case <number>”. */
  readonly title?: string
  /** Why nothing can notice it. */
  readonly note?: string
}

/** A mutant that ran. */
export interface Result extends Mutant {
  readonly caught: boolean
}

export function readMutants(root: string): { mutants: Mutant[]; results: Result[] } {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(root, 'tooling/cases/mutants', name), 'utf8'))
  return { mutants: read('mutants.json'), results: read('results.json') }
}
