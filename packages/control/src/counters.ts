/** What a group did since its life began: two words each, under the lock, read by `inspect.ts`. */
import type { ControlSegment } from './control-segment.js'
import { B, type COUNTER } from './layout.js'
import { store } from './shared-words.js'

type Counter = (typeof COUNTER)[keyof typeof COUNTER]

/** Adds one. */
export function count(control: ControlSegment, counter: Counter): void {
  const { words } = control
  const at = control.header(B.counters) + 2 * counter
  const low = (words[at]! + 1) | 0
  store(words, at, low)
  if (low === 0) store(words, at + 1, (words[at + 1]! + 1) | 0)
}
