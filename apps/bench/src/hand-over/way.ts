/**
 * A way to hand bytes to another process that lives on: what is sent, and how the receiver comes to
 * the bytes. Both ends of one way stand in one file.
 */
import type { Need } from '../trial.js'

/** What is done with the bytes at the other end. */
export type Reading = 'first byte' | 'every page'

export const FIRST_BYTE = 0x5a

export interface Giver {
  /** What `Way.take` gets, as a word of the command line. */
  readonly word: string
  /** What is sent each time. */
  readonly message: unknown
  close(): void | Promise<void>
}

export interface Taker {
  take(message: unknown): { readonly bytes: Uint8Array; done(): void }
  close(): void | Promise<void>
}

export interface Way {
  readonly name: string
  readonly needs?: Need
  /** In the process that has the bytes. */
  give(size: number): Giver | Promise<Giver>
  /** In the process that gets them. */
  take(word: string): Taker
}

export const nothing = (): void => undefined
