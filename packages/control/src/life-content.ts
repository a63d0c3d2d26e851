/**
 * What a mapped control segment says, as plain values, for people and programs that look at a group
 * from outside: from a private copy, which may be anything. Sizes in bytes, pages of 4,096 bytes.
 */
import { PAGE_SIZE } from '@dsm/freepage'
import { type DsmNamespace, isMainRegionHandle } from '@dsm/impl'
import { memberOf } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import {
  countersIn,
  type DsmStats,
  type MemberInfo,
  membersIn,
  type SegmentInfo,
  segmentAt,
  usedSlots,
} from './inspect.js'
import { B, EXTRA, SLOT } from './layout.js'
import type { Life } from './life.js'
import { MAIN_REGION_SIZE_MAX, MAIN_REGION_SIZE_MIN } from './main-region.js'
import { isDyingOwner } from './owner-word.js'
import { PageSet } from './page-set.js'
import { membersOf } from './references.js'
import { loadWide } from './shared-words.js'
import { steadyCopy } from './steady-copy.js'

export interface SegmentView extends SegmentInfo {
  readonly slot: number
  readonly state: 'live' | 'being made' | 'being removed'
  /** Indexes of the members that are attached. */
  readonly heldBy: readonly number[]
  /** Main region only. */
  readonly run: { readonly firstPage: number; readonly npages: number } | null
}

/** The main region of a life, and how full it is. */
export interface RegionView {
  readonly slot: number
  readonly handle: number
  readonly size: number
  /** Of the whole region; page 0 is the header's. */
  readonly pages: number
  /** Without the header's page, as in `stats()`. */
  readonly total: number
  readonly free: number
  /** Pages in the longest free run. */
  readonly largest: number
}

/** What the control segment of a life says. */
export interface LifeContent {
  /** True: everything below is of one instant. False: a busy group, seen while it changed. */
  readonly settled: boolean
  /** Index of the member that had the lock, while it was looked at; null: nobody. */
  readonly lockedBy: number | null
  /** It was ended by `shutdown()`; members may still be in. */
  readonly shutDown: boolean
  /** Recovery gave up: every operation throws DSM_CORRUPT. */
  readonly poisoned: boolean
  readonly maxSegments: number
  readonly maxMembers: number
  /** Those that never signed off; one that is not alive is about to be swept. */
  readonly members: readonly MemberInfo[]
  readonly segments: readonly SegmentView[]
  readonly counters: Omit<DsmStats, 'mainRegion'>
  readonly mainRegion: RegionView | null
}

export function lifeContent({ control, file, namespace }: Life): LifeContent {
  const { copy, settled, holder } = steadyCopy(control)
  const holding = holder === 0 ? -1 : memberOf(holder)
  return {
    settled,
    lockedBy: holding < 0 ? null : holding,
    shutDown: copy.words[copy.header(B.fenced)] !== 0,
    poisoned: copy.words[copy.header(B.poisoned)] !== 0,
    maxSegments: copy.geometry.maxSegments,
    maxMembers: copy.geometry.maxMembers,
    members: membersIn(copy, file),
    segments: usedSlots(copy).map(slot => segmentView(copy, slot, namespace)),
    counters: countersIn(copy),
    mainRegion: regionView(copy),
  }
}

function segmentView(copy: ControlSegment, slot: number, namespace: DsmNamespace): SegmentView {
  const info = segmentAt(copy, slot, namespace)
  const dying = isDyingOwner(copy.words[copy.extra(slot) + EXTRA.owner]!)
  return {
    ...info,
    slot,
    state: info.refcnt !== 1 ? 'live' : dying ? 'being removed' : 'being made',
    heldBy: membersOf(copy, slot),
    run: info.kind === 'main-region' ? runOf(copy, slot) : null,
  }
}

const runOf = (copy: ControlSegment, slot: number) => ({
  firstPage: loadWide(copy.words, copy.slot(slot) + SLOT.firstPage),
  npages: loadWide(copy.words, copy.slot(slot) + SLOT.npages),
})

/** null: there is none, or what the header says of it cannot be. */
function regionView(copy: ControlSegment): RegionView | null {
  const slot = copy.mainRegionSlot
  if (slot < 0 || slot >= copy.geometry.maxSegments) return null
  const size = loadWide(copy.words, copy.extra(slot) + EXTRA.size)
  const handle = copy.words[copy.slot(slot) + SLOT.handle]! >>> 0
  if (handle === 0 || isMainRegionHandle(handle)) return null
  if (size < MAIN_REGION_SIZE_MIN || size > MAIN_REGION_SIZE_MAX) return null
  const pages = Math.floor(size / PAGE_SIZE)
  const used = new PageSet(pages)
  used.add(0, 1)
  for (const each of usedSlots(copy)) {
    if (!isMainRegionHandle(copy.words[copy.slot(each) + SLOT.handle]!)) continue
    const { firstPage, npages } = runOf(copy, each)
    if (npages > 0) used.add(firstPage, npages)
  }
  let largest = 0
  used.eachGap((_, count) => {
    largest = Math.max(largest, count)
  })
  return { slot, handle, size, pages, total: pages - 1, free: pages - used.size, largest }
}
