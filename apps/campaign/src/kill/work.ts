/**
 * What a driver is given to do, and what it tells: plain data, as they are sent between processes.
 */
import type { Backend } from '../campaign.js'

export interface DriverOptions {
  readonly seed: number
  readonly canary: string | null
}

/** One operation, in several kinds of group. */
export interface StatesUnit {
  readonly type: 'states'
  readonly operation: string
  readonly backends: readonly Backend[]
  /**
   * first: every point, on the first backend, in a busy group if there can be one. different: of
   * all other kinds of group those points that differ from these, and from each other's. all:
   * every point of every kind.
   */
  readonly which: 'first' | 'different' | 'all'
  /** Unix milliseconds */
  readonly until: number
}

/** Where an operation takes place, but for who else is there. */
export interface Place {
  readonly backend: Backend
  readonly regionBytes: number
}

/** Deaths of `firsts`, which begin in the same group, each followed by deaths of `second`. */
export interface PairsUnit {
  readonly type: 'pairs'
  readonly firsts: readonly string[]
  readonly second: string
  readonly places: readonly Place[]
  /** So many at random in each place; null: all of the first, and of all others what differs. */
  readonly pairs: number | null
  readonly until: number
}

export type Unit = StatesUnit | PairsUnit

export interface Report {
  readonly kinds: number
  /** Kinds that were not broken off. */
  readonly complete: number
  readonly points: number
  /** Distinct images of the control segment among them. */
  readonly states: number
  readonly kills: number
  readonly problems: readonly string[]
}

/** bytes; with one, what is made without more ado is carved from it */
export const REGIONS = [0, 1 << 16]
