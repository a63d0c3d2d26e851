/** What the members of the campaign `under-fire` share: how they are told, and the board. */

export interface FireOptions {
  readonly group: string
  readonly board: number
  /** Of a worker: which of the board's places is its own. */
  readonly place: number
  readonly seed: number
  readonly canary: string | null
}

export const WORKERS = 4

/** Words of the board. */
export const BOARD = {
  /** Not 0: everybody is to leave. */
  stop: 0,
  longestCallMicroseconds: 1,
  failed: 2,
  /** One for each worker: calls so far. */
  calls: 8,
  /** One for each worker: the segment that it has, which another one attaches. */
  handles: 16,
  words: 32,
} as const

/** From a child to the campaign: what went wrong; null: it has joined. */
export interface FireReport {
  readonly problem: string | null
}
