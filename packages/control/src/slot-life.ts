/**
 * The life of a slot, store by store: free (refcnt 0) → being made (1) → live (≥ 2) → being removed
 * (1) → free. The slot names an object before the object exists and until it is gone, so that a
 * kill at any store leaves nothing unknown. In each function one store commits, marked so; what
 * stands before it does not matter until then, what follows is derived or repeated by recovery.
 * Callers hold the lock. Straight line: nothing here throws, allocates or calls foreign code.
 */
import { isMainRegionHandle } from '@dsm/impl'
import type { ControlSegment } from './control-segment.js'
import { EXTRA, SLOT } from './layout.js'
import { forgetNamesOf } from './names.js'
import { ownerCreating, ownerDying } from './owner-word.js'
import { clearReference, clearRow, setReference } from './references.js'
import { publish, store, storeWide } from './shared-words.js'
import { enterSlot, giveFreeSlot, removeSlot } from './slot-index.js'

/** Free → being made by `token`. */
export function recordMaking(
  control: ControlSegment,
  slot: number,
  handle: number,
  size: number,
  token: number,
  recordedAtMs: number,
  pid: number,
): void {
  const { words } = control
  const at = control.slot(slot)
  const extra = control.extra(slot)
  storeWide(words, extra + EXTRA.size, size)
  storeWide(words, extra + EXTRA.identity, 0)
  storeWide(words, extra + EXTRA.recordedAt, recordedAtMs)
  store(words, extra + EXTRA.creatorPid, pid)
  store(words, extra + EXTRA.abandoned, 0)
  store(words, at + SLOT.pinned, 0)
  store(words, at + SLOT.handle, handle | 0)
  store(words, extra + EXTRA.owner, ownerCreating(token))
  store(words, at + SLOT.refcnt, 1) // commit: the name is recorded
  enterSlot(control, slot)
}

/** The name was taken by somebody else's object: another one, before any object of ours exists. */
export function recordOtherHandle(control: ControlSegment, slot: number, handle: number): void {
  removeSlot(control, slot)
  store(control.words, control.slot(slot) + SLOT.handle, handle | 0) // commit
  enterSlot(control, slot)
}

/** Being made → live, with one reference: `member`'s. */
export function recordObject(
  control: ControlSegment,
  slot: number,
  identity: number,
  member: number,
): void {
  const { words } = control
  const extra = control.extra(slot)
  storeWide(words, extra + EXTRA.identity, identity)
  setReference(control, slot, member)
  store(words, control.slot(slot) + SLOT.refcnt, 2) // commit: others can attach
  store(words, extra + EXTRA.owner, 0)
}

/** One reference more: `member`'s. */
export function addReference(control: ControlSegment, slot: number, member: number): void {
  const refcnt = control.slot(slot) + SLOT.refcnt
  setReference(control, slot, member) // commit: the bit is the truth
  store(control.words, refcnt, control.words[refcnt]! + 1)
}

/** One reference less. True if it was the last thing that kept the segment: it is dying now. */
export function dropReference(
  control: ControlSegment,
  slot: number,
  member: number,
  token: number,
): boolean {
  clearReference(control, slot, member) // commit: the bit is the truth
  return lowerCount(control, slot, token)
}

/** The segment's own reference, kept without any member. */
export function addPin(control: ControlSegment, slot: number): void {
  const at = control.slot(slot)
  store(control.words, at + SLOT.pinned, 1) // commit
  store(control.words, at + SLOT.refcnt, control.words[at + SLOT.refcnt]! + 1)
}

/** True if nothing keeps the segment any more: it is dying now. */
export function dropPin(control: ControlSegment, slot: number, token: number): boolean {
  store(control.words, control.slot(slot) + SLOT.pinned, 0) // commit
  return lowerCount(control, slot, token)
}

/** Pages of the main region go in this same section: nobody sees them being removed. */
function lowerCount(control: ControlSegment, slot: number, token: number): boolean {
  const { words } = control
  const at = control.slot(slot)
  const left = words[at + SLOT.refcnt]! - 1
  if (left > 1) {
    store(words, at + SLOT.refcnt, left)
    return false
  }
  if (!isMainRegionHandle(words[at + SLOT.handle]!)) recordRemoving(control, slot, token)
  return true
}

/** Live → being removed by `token`: nobody can attach from here on. */
export function recordRemoving(control: ControlSegment, slot: number, token: number): void {
  store(control.words, control.extra(slot) + EXTRA.owner, ownerDying(token))
  store(control.words, control.slot(slot) + SLOT.refcnt, 1) // commit
}

/** Being made or removed → free. Its object must be gone, or never have been. */
export function recordFree(control: ControlSegment, slot: number): void {
  const { words } = control
  clearRow(control, slot)
  if (words[control.extra(slot) + EXTRA.nameCount] !== 0) forgetNamesOf(control, slot)
  if (!isMainRegionHandle(words[control.slot(slot) + SLOT.handle]!)) removeSlot(control, slot)
  store(words, control.slot(slot) + SLOT.refcnt, 0) // commit
  const owner = control.extra(slot) + EXTRA.owner
  if (words[owner] !== 0) store(words, owner, 0)
  giveFreeSlot(control, slot)
}

/** Of a free slot, before `recordCarving` or `recordCarvedAtOnce` makes it matter. */
export function describePages(
  control: ControlSegment,
  slot: number,
  handle: number,
  size: number,
  firstPage: number,
  npages: number,
): void {
  const { words } = control
  const at = control.slot(slot)
  const extra = control.extra(slot)
  storeWide(words, extra + EXTRA.size, size)
  storeWide(words, at + SLOT.firstPage, firstPage)
  storeWide(words, at + SLOT.npages, npages)
  store(words, extra + EXTRA.zeroed, 0)
  store(words, extra + EXTRA.abandoned, 0)
  store(words, at + SLOT.pinned, 0)
  store(words, at + SLOT.handle, handle | 0)
}

/** Free → pages of the main region, being made by `token`. Nothing of it is an object. */
export function recordCarving(control: ControlSegment, slot: number, token: number): void {
  store(control.words, control.extra(slot) + EXTRA.owner, ownerCreating(token))
  store(control.words, control.slot(slot) + SLOT.refcnt, 1) // commit: the pages are the slot's
}

/** Being made → live, with one reference: `member`'s. */
export function recordCarved(control: ControlSegment, slot: number, member: number): void {
  setReference(control, slot, member)
  store(control.words, control.slot(slot) + SLOT.refcnt, 2) // commit: others can attach
  store(control.words, control.extra(slot) + EXTRA.owner, 0)
}

/**
 * Free → live, all within one section: nobody sees it being made. Until the bit is there nothing
 * keeps the slot, and recovery frees it; a bit in a slot that is free would stay.
 */
export function recordCarvedAtOnce(control: ControlSegment, slot: number, member: number): void {
  store(control.words, control.slot(slot) + SLOT.refcnt, 2) // commit: the pages are the slot's
  setReference(control, slot, member) // commit: and ours
}

/** The bytes are zero, and may be written from here on. After the fill. */
export function recordZeroed(control: ControlSegment, slot: number): void {
  publish(control.words, control.extra(slot) + EXTRA.zeroed, 1)
}
