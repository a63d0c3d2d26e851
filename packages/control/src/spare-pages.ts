/**
 * Single free pages of the main region that wait beside the tree of free pages: most segments are
 * one page, made and let go of soon, and the tree would join that page to its neighbours and cut it
 * off again each time. A stack in the header, so that every member has the pages of all.
 *
 * Derived, as the tree is: what no slot names is free. Whoever dies or is cut in here leaves a page
 * that nobody has until recovery makes the tree anew, which begins with an empty stack.
 * Callers hold the lock.
 */
import type { ControlSegment } from './control-segment.js'
import { B, SPARE_PAGES_MAX } from './layout.js'
import { store } from './shared-words.js'

/** Keeps a free page. False: there is no place for it. */
export function pushSpare(control: ControlSegment, page: number): boolean {
  const { words } = control
  const at = control.header(B.spareCount)
  const kept = words[at]!
  if (kept < 0 || kept >= SPARE_PAGES_MAX) return false
  store(words, at + 1 + kept, page)
  store(words, at, kept + 1)
  return true
}

/** The page kept last; 0: there is none. */
export function popSpare(control: ControlSegment): number {
  const { words } = control
  const at = control.header(B.spareCount)
  const kept = words[at]!
  if (kept <= 0 || kept > SPARE_PAGES_MAX) return 0
  store(words, at, kept - 1)
  return words[at + kept]!
}

export const hasSpares = (control: ControlSegment): boolean =>
  control.words[control.header(B.spareCount)]! > 0

export function forgetSpares(control: ControlSegment): void {
  store(control.words, control.header(B.spareCount), 0)
}
