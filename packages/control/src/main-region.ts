/**
 * The main region: memory taken when the group begins, from which segments are carved without a
 * system call. It is an ordinary segment with a slot of its own, pinned; every clean-up removes it
 * like any other, PostgreSQL's too. Members map it when they join.
 *
 * Its free pages are derived: what no slot names is free. The free-page tree in the region is a
 * cache of that, rebuilt by recovery, with a dirty word set before and cleared after each change. A
 * newcomer does not trust the one that it finds: its first use rebuilds it. A few single pages wait
 * beside it (`spare-pages.ts`).
 * Callers hold the control lock, except for `zero` of pages that nobody else can know.
 * Seed: dsm_shmem_init and the main-region branches of dsm_create and dsm_detach.
 */
import { FreePageError, FreePageManager, PAGE_SIZE } from '@dsm/freepage'
import { DsmError, type DsmMapping, isMainRegionHandle } from '@dsm/impl'
import type { ControlSegment } from './control-segment.js'
import { B, SLOT } from './layout.js'
import { PageSet } from './page-set.js'
import { loadWide, store } from './shared-words.js'
import { forgetSpares, hasSpares, popSpare, pushSpare } from './spare-pages.js'

/** One page for the header, one to give. */
export const MAIN_REGION_SIZE_MIN = 2 * PAGE_SIZE
/** What the 32-bit page arithmetic of `@dsm/freepage` covers. */
export const MAIN_REGION_SIZE_MAX = 2 ** 32

export const pagesFor = (size: number): number => Math.ceil(size / PAGE_SIZE)

export class MainRegion {
  /** Its slot. */
  readonly slot: number
  readonly mapping: DsmMapping
  /** As `DsmMapping.identity`, asked once: it is a call out of JavaScript. */
  readonly identity: number
  readonly #control: ControlSegment
  readonly #pages: number
  readonly #used: PageSet
  /** null until it is opened, or rebuilt, under the lock. */
  #free: FreePageManager | null = null

  /** The group's, mapped by somebody who joins. */
  constructor(control: ControlSegment, slot: number, mapping: DsmMapping) {
    this.#control = control
    this.slot = slot
    this.mapping = mapping
    this.identity = mapping.identity
    this.#pages = Math.floor(mapping.size / PAGE_SIZE)
    this.#used = new PageSet(this.#pages)
  }

  /** Bytes of the largest segment that could ever be carved from it. */
  get sizeMax(): number {
    return (this.#pages - 1) * PAGE_SIZE
  }

  /** First page of a free run; 0 if there is none that long, or the slots are damaged. */
  take(npages: number): number {
    if (!this.#isTrusted && !this.rebuild()) return 0
    const spare = npages === 1 ? popSpare(this.#control) : 0
    return this.has(spare, 1) ? spare : this.#takeRun(npages)
  }

  /**
   * The slot that named these pages is free already. What cannot be given back is in the complement
   * of the slots all the same: the tree stays dirty, and is made anew.
   */
  give(firstPage: number, npages: number): void {
    if (!this.has(firstPage, npages)) this.#dirty(1)
    else if (!this.#isTrusted)
      this.#rebuildOrMark() // they are in it then
    else if (npages > 1 || !pushSpare(this.#control, firstPage)) this.#giveRun(firstPage, npages)
  }

  /** Are these pages that can be given? A slot's words are anything, once somebody wrote there. */
  has(firstPage: number, npages: number): boolean {
    return firstPage >= 1 && npages >= 1 && npages <= this.#pages - firstPage
  }

  /** Out of the tree. If no run is that long, spare pages may make one with their neighbours. */
  #takeRun(npages: number): number {
    this.#dirty(1)
    let first = this.#get(npages)
    if (first === null && hasSpares(this.#control)) {
      first = this.#putSpares() ? this.#get(npages) : undefined
    }
    if (first === undefined && this.rebuild()) first = this.#get(npages)
    if (first === undefined) return 0 // stays dirty
    this.#dirty(0)
    return first ?? 0
  }

  #giveRun(firstPage: number, npages: number): void {
    this.#dirty(1)
    if (this.#put(firstPage, npages) || this.rebuild()) this.#dirty(0)
  }

  /** null: no run is that long. undefined: somebody wrote into the tree, which is but a cache. */
  #get(npages: number): number | null | undefined {
    try {
      return this.#free!.get(npages)
    } catch (error) {
      onlyMistrust(error)
      return undefined
    }
  }

  /** False: as for `#get`. */
  #put(firstPage: number, npages: number): boolean {
    try {
      this.#free!.put(firstPage, npages)
      return true
    } catch (error) {
      onlyMistrust(error)
      return false
    }
  }

  /** All of them. False: as for `#get`. */
  #putSpares(): boolean {
    for (let page = popSpare(this.#control); page !== 0; page = popSpare(this.#control)) {
      if (!this.has(page, 1) || !this.#put(page, 1)) return false
    }
    return true
  }

  #rebuildOrMark(): void {
    if (!this.rebuild()) this.#dirty(1)
  }

  /** Under the lock nobody is changing the tree, so a dirty one was left behind. */
  get #isTrusted(): boolean {
    return this.#free !== null && this.#control.words[this.#control.header(B.treeDirty)] === 0
  }

  /** A mapping of its own over some pages. */
  part(firstPage: number, size: number): DsmMapping {
    return this.mapping.part(firstPage * PAGE_SIZE, size)
  }

  zero(firstPage: number, npages: number): void {
    new Uint8Array(this.mapping.buffer, firstPage * PAGE_SIZE, npages * PAGE_SIZE).fill(0)
  }

  /** Pages in all, free, and in the longest free run. Counts the slots. null: see `rebuild`. */
  usage(): { total: number; free: number; largest: number } | null {
    if ((!this.#isTrusted && !this.rebuild()) || !this.isSane()) return null
    this.#dirty(1)
    if (!this.#putSpares() && !this.rebuild()) return null
    this.#dirty(0)
    const { largest } = this.#free!
    return { total: this.#pages - 1, free: this.#pages - this.#used.size, largest }
  }

  /**
   * The free pages anew, as the complement of what the slots name. False, with nothing changed, if
   * two slots name a page, or one names a page outside: that is corruption, and is not mended.
   */
  rebuild(): boolean {
    if (!this.isSane()) return false
    this.#dirty(1)
    forgetSpares(this.#control)
    const free = FreePageManager.initialize(this.mapping.buffer)
    this.#used.eachGap((first, npages) => free.put(first, npages))
    this.#free = free
    this.#dirty(0)
    return true
  }

  /** Every slot of the region names pages of it, and no page twice. */
  isSane(): boolean {
    const control = this.#control
    const { words, geometry } = control
    this.#used.clear()
    this.#used.add(0, 1) // the header's page
    for (let slot = 0; slot < geometry.maxSegments; slot++) {
      const at = control.slot(slot)
      if (words[at + SLOT.refcnt] === 0 || !isMainRegionHandle(words[at + SLOT.handle]!)) continue
      const first = loadWide(words, at + SLOT.firstPage)
      const npages = loadWide(words, at + SLOT.npages)
      if (npages < 1 || !this.#used.add(first, npages)) return false
    }
    return true
  }

  #dirty(value: number): void {
    store(this.#control.words, this.#control.header(B.treeDirty), value)
  }
}

function onlyMistrust(error: unknown): void {
  if (!(error instanceof FreePageError)) throw error
}

export const damagedRegion = (): DsmError =>
  new DsmError(
    'DSM_CORRUPT',
    "the group's control segment is damaged: its slots name pages of the main region that cannot " +
      'be theirs. Close every member; the next one to open the group begins another life',
    { op: 'map' },
  )
