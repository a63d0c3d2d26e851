/**
 * The addon's functions, typed. They trust their arguments and throw plain errors; nothing outside
 * this package may call them. See native/ for what each does.
 */
import { join } from 'node:path'
import { load } from '@dsm/native'

/** What `futexWait` answers (native/futex.hpp). */
export const WOKEN = 0
export const NOT_EQUAL = 1
export const TIMED_OUT = 2

export const CREATE = 1
export const EXCLUSIVE = 2

interface Native {
  open(path: string, flags: number): number
  works(file: number, path: string): boolean
  take(file: number, offset: number): boolean
  release(file: number, offset: number): void
  owns(file: number, offset: number): boolean
  firstHeld(file: number, offset: number, length: number, lowest: boolean): number
  heldIn(file: number, tokens: Int32Array, count: number, bits: Int32Array): number
  linkCount(file: number): number
  close(file: number): void
  readonly futexWorks: boolean
  futexWait(words: Int32Array, index: number, expected: number, timeoutMs: number): number
  futexWake(words: Int32Array, index: number, count: number): number
}

export const native = load<Native>(join(__dirname, '..'))
