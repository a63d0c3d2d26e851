/** What the campaigns `faults` and `faults-strace` and their children tell each other. */
import type { Backend } from '../../campaign.js'

export interface FaultOptions {
  readonly backend: Backend
  readonly by: 'shim' | 'strace'
  /** A directory of this run's own. */
  readonly place: string
  /** Where the case under way stands, for whoever finds the child hung or dead. */
  readonly progress: string
  readonly canary: string | null
  readonly seed: number
  /** Cases to draw; 0: all that there are, of the shim. */
  readonly cases: number
  /** Of the shim; null: all. */
  readonly operations: readonly string[] | null
}

export interface FaultResult {
  /** That there are on this backend; 0: not counted. */
  readonly possible: number
  /** Calls that were made to fail. */
  readonly faults: number
  /** Of those, operations that threw. */
  readonly errors: number
  readonly problems: readonly string[]
}
