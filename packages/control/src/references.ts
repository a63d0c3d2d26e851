/**
 * Who holds what: one bit for each (slot, member). The bits are the truth, because only they say
 * whose a reference is; `refcnt` is kept beside them as 1 + bits + pin, for PostgreSQL's sake and
 * for a quick look, and recovery computes it again. Callers hold the lock.
 */
import type { ControlSegment } from './control-segment.js'
import { SLOT } from './layout.js'
import { store } from './shared-words.js'

export function holds(control: ControlSegment, slot: number, member: number): boolean {
  return (control.words[control.row(slot) + (member >> 5)]! & (1 << (member & 31))) !== 0
}

export function setReference(control: ControlSegment, slot: number, member: number): void {
  const at = control.row(slot) + (member >> 5)
  store(control.words, at, control.words[at]! | (1 << (member & 31)))
}

export function clearReference(control: ControlSegment, slot: number, member: number): void {
  const at = control.row(slot) + (member >> 5)
  store(control.words, at, control.words[at]! & ~(1 << (member & 31)))
}

export function clearRow(control: ControlSegment, slot: number): void {
  const row = control.row(slot)
  const end = row + control.geometry.rowWords
  for (let at = row; at < end; at++) if (control.words[at] !== 0) store(control.words, at, 0)
}

/** Set bits of an int32. */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

export function countReferences(control: ControlSegment, slot: number): number {
  const row = control.row(slot)
  let total = 0
  for (let word = 0; word < control.geometry.rowWords; word++) {
    total += popcount(control.words[row + word]!)
  }
  return total
}

export const isPinned = (control: ControlSegment, slot: number): boolean =>
  (control.words[control.slot(slot) + SLOT.pinned]! & 0xff) !== 0

/** Members that hold a slot, lowest first. */
export function membersOf(control: ControlSegment, slot: number): number[] {
  const members: number[] = []
  for (let member = 0; member < control.geometry.maxMembers; member++) {
    if (holds(control, slot, member)) members.push(member)
  }
  return members
}
