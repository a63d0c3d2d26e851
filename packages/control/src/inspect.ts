/**
 * What is going on in a group, for people: a copy taken under the lock, read afterwards. Pids mean
 * something only within the PID namespace of who looks.
 */
import { type DsmNamespace, isMainRegionHandle } from '@dsm/impl'
import { byteOf, type LockFile, tokenOf } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { B, COUNTER, EXTRA, MEMBER, SLOT } from './layout.js'
import { damagedRegion } from './main-region.js'
import type { Member } from './member.js'
import { namesOf } from './names.js'
import { holds, membersOf } from './references.js'
import { loadWide } from './shared-words.js'

/** One entry of the table of members. */
export interface MemberInfo {
  readonly index: number
  readonly pid: number
  /** 0 is the main thread (`worker_threads.threadId`). */
  readonly threadId: number
  readonly startedAt: Date
  readonly alive: boolean
  /** Handles of the segments it is attached to. */
  readonly handles: readonly number[]
}

/** One segment, and who has it. */
export interface SegmentInfo {
  readonly handle: number
  /** bytes */
  readonly size: number
  /** 1 + attachments + pin; 1: being made or removed */
  readonly refcnt: number
  readonly pinned: boolean
  readonly kind: 'object' | 'main-region'
  readonly osName: string | null
  readonly names: readonly string[]
  readonly members: readonly { readonly pid: number; readonly threadId: number }[]
  /** References taken back from dead members so far. */
  readonly abandoned: number
}

/** Counted since the life of the group began. */
export interface DsmStats {
  readonly created: number
  readonly attached: number
  readonly detached: number
  readonly destroyed: number
  readonly recoveries: number
  /** Locks taken over from the dead. */
  readonly takeovers: number
  readonly deaths: number
  /** Operations that were cut, and mended by their own member. */
  readonly reconciled: number
  /** Pages of 4,096 bytes; null without a main region. */
  readonly mainRegion: {
    readonly total: number
    readonly free: number
    readonly largest: number
  } | null
}

/** What was counted, and how full the main region is. @throws as segments */
export function stats(member: Member): DsmStats {
  const { region, section } = member
  const counters = countersIn(snapshot(member))
  if (region === null) return { ...counters, mainRegion: null }
  section.beginAndEnter()
  const mainRegion = region.usage()
  section.leave()
  section.end()
  if (mainRegion === null) throw damagedRegion()
  return { ...counters, mainRegion }
}

/** Of a private copy. */
export function countersIn(copy: ControlSegment): Omit<DsmStats, 'mainRegion'> {
  const counted = Object.entries(COUNTER).map(([name, index]) => [
    name,
    loadWide(copy.words, copy.header(B.counters) + 2 * index),
  ])
  return Object.fromEntries(counted) as Omit<DsmStats, 'mainRegion'>
}

/** The shared words at one instant, readable at leisure. */
function snapshot(member: Member): ControlSegment {
  const { control, section } = member
  const copy = control.privateCopy()
  section.beginAndEnter()
  copy.words.set(control.words)
  section.leave()
  section.end()
  return copy
}

/** Every segment that exists. @throws DSM_CLOSED, DSM_CORRUPT, DSM_LOCK_TIMEOUT */
export function segments(member: Member): SegmentInfo[] {
  const copy = snapshot(member)
  return usedSlots(copy).map(slot => segmentAt(copy, slot, member.namespace))
}

/** All but the main region's own, lowest first. */
export function usedSlots(copy: ControlSegment): number[] {
  const used: number[] = []
  for (let slot = 0; slot < copy.geometry.maxSegments; slot++) {
    if (copy.words[copy.slot(slot) + SLOT.refcnt] === 0) continue
    if (slot !== copy.mainRegionSlot) used.push(slot)
  }
  return used
}

/** Of a private copy, which may be anything. */
export function segmentAt(
  copy: ControlSegment,
  slot: number,
  namespace: DsmNamespace,
): SegmentInfo {
  const at = copy.slot(slot)
  const extra = copy.extra(slot)
  const handle = copy.words[at + SLOT.handle]! >>> 0
  const carved = isMainRegionHandle(handle)
  return {
    handle,
    size: loadWide(copy.words, extra + EXTRA.size),
    refcnt: copy.words[at + SLOT.refcnt]!,
    pinned: copy.words[at + SLOT.pinned] !== 0,
    kind: carved ? 'main-region' : 'object',
    osName: carved || handle === 0 ? null : namespace.osName(handle),
    names: copy.words[extra + EXTRA.nameCount] === 0 ? [] : namesOf(copy, handle),
    members: membersOf(copy, slot).map(index => identity(copy, index)),
    abandoned: copy.words[extra + EXTRA.abandoned]!,
  }
}

/** Every member that did not leave, dead ones too. @throws as segments */
export function members(member: Member, file: LockFile): MemberInfo[] {
  return membersIn(snapshot(member), file)
}

/** Of a private copy, which may be anything. */
export function membersIn(copy: ControlSegment, file: LockFile): MemberInfo[] {
  const found: MemberInfo[] = []
  for (let index = 0; index < copy.geometry.maxMembers; index++) {
    const at = copy.member(index)
    if (copy.words[at + MEMBER.live] === 0) continue
    const token = tokenOf(index, copy.words[at + MEMBER.generation]!)
    found.push({
      index,
      ...identity(copy, index),
      startedAt: new Date(loadWide(copy.words, at + MEMBER.startedAt)),
      alive: file.probe(byteOf(token)),
      handles: handlesOf(copy, index),
    })
  }
  return found
}

function identity(copy: ControlSegment, index: number): { pid: number; threadId: number } {
  const at = copy.member(index)
  return { pid: copy.words[at + MEMBER.pid]!, threadId: copy.words[at + MEMBER.threadId]! }
}

function handlesOf(copy: ControlSegment, index: number): number[] {
  const handles: number[] = []
  for (let slot = 0; slot < copy.geometry.maxSegments; slot++) {
    const at = copy.slot(slot)
    if (copy.words[at + SLOT.refcnt]! < 2 || !holds(copy, slot, index)) continue
    handles.push(copy.words[at + SLOT.handle]! >>> 0)
  }
  return handles
}
