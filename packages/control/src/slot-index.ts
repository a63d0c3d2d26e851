/**
 * Finding a slot by handle and finding a free one without a scan, so that cost stays flat from 1 to
 * 65,535 slots. A handle of the main region says its slot; objects are found by a table of their
 * random handles. The table and the free list are derived from the slots: used and changed only
 * under the lock, rebuilt by recovery, never trusted by it. The lists stand in the slots' own cache
 * lines.
 */
import { isMainRegionHandle } from '@dsm/impl'
import { slotOfCarved } from './carved-handle.js'
import type { ControlSegment } from './control-segment.js'
import { B, EXTRA, SLOT } from './layout.js'
import { store } from './shared-words.js'

/** Fibonacci hashing: the high bits of the product are the well-mixed ones. */
const bucketOf = (control: ControlSegment, handle: number): number => {
  const { bucketCount, buckets } = control.geometry
  return buckets + ((Math.imul(handle, 0x9e3779b1) >>> 8) & (bucketCount - 1))
}

/**
 * The slot, of any state, that bears this handle; -1 if none does. One of the main region that is
 * free still bears the handle of its last segment.
 */
export function findSlot(control: ControlSegment, handle: number): number {
  return isMainRegionHandle(handle) ? findCarved(control, handle) : findObject(control, handle | 0)
}

function findCarved(control: ControlSegment, handle: number): number {
  const slot = slotOfCarved(control, handle)
  if (slot >= control.geometry.maxSegments) return -1
  return control.words[control.slot(slot) + SLOT.handle] === (handle | 0) ? slot : -1
}

function findObject(control: ControlSegment, wanted: number): number {
  const { words, geometry } = control
  let link = words[bucketOf(control, wanted)]!
  for (let hops = geometry.maxSegments; link > 0 && hops > 0; hops--) {
    const slot = link - 1
    if (words[control.slot(slot) + SLOT.handle] === wanted) return slot
    link = words[control.extra(slot) + EXTRA.bucketNext]!
  }
  return -1
}

/** The slot of a live segment that users can know; the main region itself is none. -1: none. */
export function findLive(control: ControlSegment, handle: number): number {
  const slot = findSlot(control, handle)
  if (slot < 0 || control.words[control.slot(slot) + SLOT.refcnt]! < 2) return -1
  return slot === control.mainRegionSlot ? -1 : slot
}

/** Enters a slot whose handle is stored, and is an object's. */
export function enterSlot(control: ControlSegment, slot: number): void {
  const { words } = control
  const bucket = bucketOf(control, words[control.slot(slot) + SLOT.handle]!)
  store(words, control.extra(slot) + EXTRA.bucketNext, words[bucket]!)
  store(words, bucket, slot + 1)
}

/** Takes a slot out, before its handle changes or it becomes free. */
export function removeSlot(control: ControlSegment, slot: number): void {
  const { words, geometry } = control
  let at = bucketOf(control, words[control.slot(slot) + SLOT.handle]!)
  for (let hops = geometry.maxSegments; hops > 0; hops--) {
    const link = words[at]!
    if (link <= 0) return
    const next = control.extra(link - 1) + EXTRA.bucketNext
    if (link === slot + 1) {
      store(words, at, words[next]!)
      return
    }
    at = next
  }
}

/** The free slot that has been free longest, so that a stale handle long names nobody; -1: none. */
export function takeFreeSlot(control: ControlSegment): number {
  const { words } = control
  const head = control.header(B.freeHead)
  const link = words[head]!
  if (link <= 0) return -1
  const next = words[control.extra(link - 1) + EXTRA.freeNext]!
  store(words, head, next)
  if (next === 0) store(words, control.header(B.freeTail), 0)
  return link - 1
}

/** Appends a slot that has become free. */
export function giveFreeSlot(control: ControlSegment, slot: number): void {
  const { words } = control
  const tailWord = control.header(B.freeTail)
  const tail = words[tailWord]!
  store(words, control.extra(slot) + EXTRA.freeNext, 0)
  if (tail > 0) store(words, control.extra(tail - 1) + EXTRA.freeNext, slot + 1)
  else store(words, control.header(B.freeHead), slot + 1)
  store(words, tailWord, slot + 1)
}

/** Both indexes anew from the slots. Part of recovery: bounded by the geometry alone. */
export function rebuildIndexes(control: ControlSegment): void {
  const { words, geometry } = control
  store(words, control.header(B.freeHead), 0)
  store(words, control.header(B.freeTail), 0)
  for (let bucket = 0; bucket < geometry.bucketCount; bucket++) {
    store(words, geometry.buckets + bucket, 0)
  }
  for (let slot = 0; slot < geometry.maxSegments; slot++) {
    if (words[control.slot(slot) + SLOT.refcnt] === 0) giveFreeSlot(control, slot)
    else if (!isMainRegionHandle(words[control.slot(slot) + SLOT.handle]!)) enterSlot(control, slot)
  }
}
