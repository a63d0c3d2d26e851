/**
 * The table of names: as many entries as slots, found through buckets, freed into a list; both are
 * derived and rebuilt by recovery. A name whose segment is gone reads as absent, and goes with it.
 * An entry matters while it bears a handle, or the token of a living member that is making the
 * segment for it. Callers hold the lock.
 * Seed: dsm_registry.c of PostgreSQL 17, whose entries can never be removed.
 */
import type { ControlSegment } from './control-segment.js'
import { B, EXTRA, NAME, SLOT } from './layout.js'
import type { NameKey } from './name-key.js'
import { publish, store } from './shared-words.js'
import { findSlot } from './slot-index.js'

/** Entry of this name; -1 if there is none. */
export function findName(control: ControlSegment, key: NameKey): number {
  const { words, geometry } = control
  let link = words[bucketOf(control, key.hash)]!
  for (let hops = geometry.maxSegments; link > 0 && hops > 0; hops--) {
    if (isNamed(control, link - 1, key)) return link - 1
    link = words[control.name(link - 1) + NAME.next]!
  }
  return -1
}

/** Slot of the live segment that bears the entry's name; -1 if none does. */
export function slotOfName(control: ControlSegment, entry: number): number {
  const handle = control.words[control.name(entry) + NAME.handle]!
  const slot = handle === 0 ? -1 : findSlot(control, handle)
  return slot >= 0 && control.words[control.slot(slot) + SLOT.refcnt]! >= 2 ? slot : -1
}

/** A new entry: of a segment, or of a member that is to make one. -1: the table is full. */
export function addName(
  control: ControlSegment,
  key: NameKey,
  slot: number,
  maker: number,
): number {
  const { words } = control
  const head = control.header(B.nameFreeHead)
  const link = words[head]!
  if (link <= 0) return -1
  const entry = link - 1
  const at = control.name(entry)
  store(words, head, words[at + NAME.next]!)
  for (let word = 0; word < NAME.textWords; word++) store(words, at + word, key.text[word]!)
  if (maker !== 0) store(words, at + NAME.maker, maker) // commit
  enterName(control, entry, key.hash)
  if (slot >= 0) bindName(control, entry, slot)
  return entry
}

/** Moves a name to another segment, by one store. Whoever was making one has made it. */
export function bindName(control: ControlSegment, entry: number, slot: number): void {
  const { words } = control
  const at = control.name(entry)
  const before = slotOfName(control, entry)
  if (before >= 0) countName(control, before, -1)
  countName(control, slot, 1)
  publish(words, at + NAME.handle, words[control.slot(slot) + SLOT.handle]!) // commit
  store(words, at + NAME.maker, 0)
}

/** From here on `maker` makes the segment: nobody was, or is dead. */
export function claimName(control: ControlSegment, entry: number, maker: number): void {
  store(control.words, control.name(entry) + NAME.maker, maker)
}

export const makerOfName = (control: ControlSegment, entry: number): number =>
  control.words[control.name(entry) + NAME.maker]!

export function removeName(control: ControlSegment, entry: number): void {
  const { words } = control
  const at = control.name(entry)
  const slot = slotOfName(control, entry)
  if (slot >= 0) countName(control, slot, -1)
  leaveBucket(control, entry)
  publish(words, at + NAME.handle, 0) // commit
  store(words, at + NAME.maker, 0)
  giveEntry(control, entry)
}

/** Before a slot becomes free: its handle may name another segment later. */
export function forgetNamesOf(control: ControlSegment, slot: number): void {
  const { words, geometry } = control
  const handle = words[control.slot(slot) + SLOT.handle]!
  for (let entry = 0; entry < geometry.maxSegments; entry++) {
    const at = control.name(entry)
    if (words[at + NAME.handle] !== handle) continue
    if (words[at + NAME.maker] === 0) removeName(control, entry)
    else publish(words, at + NAME.handle, 0)
  }
  store(words, control.extra(slot) + EXTRA.nameCount, 0)
}

/** Part of recovery, after the slots are settled: bounded by the geometry alone. */
export function rebuildNames(control: ControlSegment, lives: (maker: number) => boolean): void {
  const { words, geometry } = control
  store(words, control.header(B.nameFreeHead), 0)
  for (let n = 0; n < geometry.bucketCount; n++) store(words, geometry.nameBuckets + n, 0)
  for (let slot = 0; slot < geometry.maxSegments; slot++) {
    store(words, control.extra(slot) + EXTRA.nameCount, 0)
  }
  for (let entry = geometry.maxSegments - 1; entry >= 0; entry--) {
    const at = control.name(entry)
    const maker = words[at + NAME.maker]!
    if (maker !== 0 && !lives(maker)) store(words, at + NAME.maker, 0)
    const slot = slotOfName(control, entry)
    if (slot < 0) publish(words, at + NAME.handle, 0)
    else countName(control, slot, 1)
    if (slot >= 0 || words[at + NAME.maker] !== 0) enterName(control, entry, hashOf(control, entry))
    else giveEntry(control, entry)
  }
}

/** The names that a segment bears, as text. */
export function namesOf(control: ControlSegment, handle: number): string[] {
  const found: string[] = []
  for (let entry = 0; entry < control.geometry.maxSegments; entry++) {
    const at = control.name(entry)
    if (control.words[at + NAME.handle] !== (handle | 0)) continue
    const text = Buffer.from(control.words.slice(at, at + NAME.textWords).buffer)
    const end = text.indexOf(0)
    found.push(text.toString('utf8', 0, end < 0 ? NAME.bytes : end))
  }
  return found.sort()
}

/** FNV-1a over words. */
export function hashWords(words: Int32Array, from: number): number {
  let hash = 0x811c9dc5 | 0
  for (let word = 0; word < NAME.textWords; word++) {
    hash = Math.imul(hash ^ words[from + word]!, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}

const hashOf = (control: ControlSegment, entry: number): number =>
  hashWords(control.words, control.name(entry))

const bucketOf = (control: ControlSegment, hash: number): number =>
  control.geometry.nameBuckets + (hash & (control.geometry.bucketCount - 1))

function isNamed(control: ControlSegment, entry: number, key: NameKey): boolean {
  const at = control.name(entry)
  for (let word = 0; word < NAME.textWords; word++) {
    if (control.words[at + word] !== key.text[word]) return false
  }
  return true
}

function enterName(control: ControlSegment, entry: number, hash: number): void {
  const bucket = bucketOf(control, hash)
  store(control.words, control.name(entry) + NAME.next, control.words[bucket]!)
  store(control.words, bucket, entry + 1)
}

function leaveBucket(control: ControlSegment, entry: number): void {
  const { words, geometry } = control
  let at = bucketOf(control, hashOf(control, entry))
  for (let hops = geometry.maxSegments; hops > 0; hops--) {
    const link = words[at]!
    if (link <= 0) return
    const next = control.name(link - 1) + NAME.next
    if (link === entry + 1) {
      store(words, at, words[next]!)
      return
    }
    at = next
  }
}

function giveEntry(control: ControlSegment, entry: number): void {
  const head = control.header(B.nameFreeHead)
  store(control.words, control.name(entry) + NAME.next, control.words[head]!)
  store(control.words, head, entry + 1)
}

function countName(control: ControlSegment, slot: number, by: number): void {
  const at = control.extra(slot) + EXTRA.nameCount
  store(control.words, at, control.words[at]! + by)
}
