/**
 * What the parent asks of a child process, and what that answers: one question at a time, by
 * `process.send`. No text goes this way, but for `keep`, which is there to be compared with.
 */
import type { Result } from './result.js'
import type { TextSource } from './text-source.js'

export interface Questions {
  /** Join the group. */
  join: { ask: { group: string }; answer: object }
  /**
   * Count the words of one share, writing progress to the board; the answer is a segment. A doomed
   * one takes the board's lock halfway, says so on the board, and waits to be killed.
   */
  count: {
    ask: { text: number; board: number; index: number; memberCount: number; doomed: boolean }
    answer: { result: number }
  }
  /** Read the text yourself, and count all of it; there is no shared memory in this. */
  countAlone: { ask: { source: TextSource }; answer: { result: Result; elapsedMs: number } }
  /** Attach a segment, to have its bytes. */
  attach: { ask: { handle: number }; answer: object }
  /** Have these bytes. */
  keep: { ask: { bytes: Uint8Array }; answer: object }
  /** Add up all the bytes that you have. */
  sum: { ask: object; answer: { sum: number } }
  /** Give up the bytes that you have. */
  drop: { ask: object; answer: object }
  /** Collect garbage, so that memory can be measured. */
  collect: { ask: object; answer: object }
}

export type Kind = keyof Questions
export type Ask<K extends Kind> = Questions[K]['ask']
export type Answer<K extends Kind> = Questions[K]['answer']
export type Question = { [K in Kind]: { kind: K } & Ask<K> }[Kind]

/** What a child says back: the answer, or why there is none. */
export type Reply = { kind: Kind; answer: object } | { kind: Kind; failure: string }
