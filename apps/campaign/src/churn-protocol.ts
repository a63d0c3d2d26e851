/**
 * What the members of the campaign `random-kill` share with the one who watches them: how a child
 * is told what to do, and the board, a segment in which they count what they did. Counts there
 * survive the death of who counted.
 */

export interface ChurnOptions {
  readonly group: string
  readonly board: number
  readonly seed: number
  /** Worker threads beside the main one; each is a member of its own. */
  readonly threads: number
  /** The process kills itself at this store to shared bookkeeping, or before that while it holds
   * the lock of the board; 0: never. */
  readonly dieAtStore: number
  /** Leaves and comes back at times; only where somebody stays, or the group would end. */
  readonly reopens: boolean
  readonly canary: string | null
}

/** From a child to its parent: what went wrong; null: it has joined and works. */
export interface Report {
  readonly problem: string | null
}

/** Words of the board. */
export const BOARD = {
  /** Not 0: everybody is to leave. */
  stop: 0,
  lock: 1,
  /** Two words that differ only while the lock is held, or after its owner died. */
  left: 2,
  right: 3,
  recovered: 4,
  longestCallMicroseconds: 5,
  terminated: 6,
  /** Not 0: everybody is to let go of everything, and to wait. */
  rest: 7,
  /** One counter for each of OPERATIONS. */
  counts: 16,
  words: 64,
} as const

export const OPERATIONS = [
  'create',
  'createAsync',
  'attach',
  'detach',
  'pin',
  'unpin',
  'lock',
  'getOrCreate',
  'publish',
  'lookup',
  'list',
  'reopen',
] as const
export type Operation = (typeof OPERATIONS)[number]
