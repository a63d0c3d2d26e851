/**
 * What the campaign `cuts` and its child say to each other, and the ways in which JavaScript of one
 * member is stopped in the middle of an operation while the member lives on.
 */
import type { Backend } from '../../campaign.js'

export const WAYS = [
  /** A `vm` timeout strikes at one given store: no `catch` and no `finally` runs. */
  'store',
  /** A `vm` timeout strikes anywhere in a row of random operations. */
  'timeout',
  /** An exception out of one given store: every `catch` and `finally` runs. */
  'exception',
  /** Operations begun at every depth of the stack from the last possible one up. */
  'stack',
  /** A callback of the user throws: init, onDetach, logger. */
  'callback',
  /** The mechanism cannot make, map or remove an object. */
  'allocation',
  /** A worker thread is terminated in the middle of its operations. */
  'thread',
  /** A timeout inside a locked section of the user's own. */
  'lock',
  /** A timeout inside the init of a name, in a member that stays. */
  'name',
] as const
export type Way = (typeof WAYS)[number]

export interface CutOptions {
  readonly group: string
  readonly backend: Backend
  readonly region: number
  readonly seed: number
  readonly milliseconds: number
  readonly ways: readonly Way[]
  readonly canary: string | null
}

export interface CutReport {
  readonly problems: readonly string[]
  /** Rounds of each way, and how many of them really cut something. */
  readonly rounds: Readonly<Record<Way, number>>
  readonly cuts: Readonly<Record<Way, number>>
  /** Operations that were mended by their own member. */
  readonly reconciled: number
  /** Members that a cut at the end of `openDsm` left nobody a reference to. */
  readonly unreachable: number
  readonly descriptorsGrown: number
  readonly mappingsGrown: number
}

/** What a thread that is to be terminated is told. */
export interface ThreadOptions {
  readonly group: string
  readonly seed: number
  readonly kept: number
}
