/**
 * Segments carved from the main region. A create of few pages is one locked section: pages are
 * derived, so a death before the commit loses nothing. More pages are zeroed outside the lock,
 * while the slot says that it is being made; few are zeroed under it when their bytes are first
 * asked for anywhere, as nobody can have written them before.
 */
import { PAGE_SIZE } from '@dsm/freepage'
import { DsmError, type DsmMapping } from '@dsm/impl'
import { carvedHandle } from './carved-handle.js'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import { B, COUNTER, EXTRA, SLOT } from './layout.js'
import { damagedRegion, type MainRegion, pagesFor } from './main-region.js'
import type { Section } from './section.js'
import { store } from './shared-words.js'
import { giveFreeSlot, takeFreeSlot } from './slot-index.js'
import {
  describePages,
  recordCarved,
  recordCarvedAtOnce,
  recordCarving,
  recordFree,
  recordZeroed,
} from './slot-life.js'

/** Up to here, 16 pages, a create is one section, and zeroing waits for the first use. */
const SMALL_MAX = 16 * PAGE_SIZE

export const isLarge = (size: number): boolean => size > SMALL_MAX

/** The parts of a member that carving works with. */
export interface Carver {
  readonly control: ControlSegment
  readonly index: number
  readonly token: number
  readonly section: Section
}

export class Carving {
  readonly #by: Carver
  readonly #region: MainRegion

  constructor(by: Carver, region: MainRegion) {
    this.#by = by
    this.#region = region
  }

  /** Of the object that all of it is part of. */
  get identity(): number {
    return this.#region.identity
  }

  /**
   * Within an operation, under the lock: takes pages and a slot. -1: no room of one or the other,
   * and nothing is taken. A small segment is live afterwards; a large one wants `finishLarge`.
   */
  carve(size: number): number {
    const { control, index, token } = this.#by
    const npages = pagesFor(size)
    const slot = takeFreeSlot(control)
    if (slot < 0) return -1
    const firstPage = this.#region.take(npages)
    if (firstPage === 0) {
      giveFreeSlot(control, slot)
      return -1
    }
    describePages(control, slot, this.#newHandle(slot), size, firstPage, npages)
    if (isLarge(size)) {
      recordCarving(control, slot, token)
    } else {
      recordCarvedAtOnce(control, slot, index)
      count(control, COUNTER.created)
    }
    return slot
  }

  /** Within an operation, outside the lock: zeroes a large segment and makes it live. */
  finishLarge(slot: number): void {
    const { control, index, section } = this.#by
    const { words } = control
    const { firstPage, npages } = this.#run(slot)
    this.#region.zero(firstPage, npages)
    section.enterAlways()
    recordZeroed(control, slot)
    const fenced = words[control.header(B.fenced)] !== 0
    if (fenced) this.release(slot)
    else {
      recordCarved(control, slot, index)
      count(control, COUNTER.created)
    }
    section.leave()
    if (!fenced) return
    section.end()
    throw new DsmError('DSM_CLOSED', 'the group was shut down while a segment was being made', {
      op: 'create',
    })
  }

  /** Under the lock: a slot that nothing keeps any more, and its pages, are free. */
  release(slot: number): void {
    const { control } = this.#by
    const { words } = control
    const firstPage = words[control.slot(slot) + SLOT.firstPage]!
    const npages = words[control.slot(slot) + SLOT.npages]!
    recordFree(control, slot)
    this.#region.give(firstPage, npages)
    count(control, COUNTER.destroyed)
  }

  /** This member's view of a carved segment: a mapping of its own, made when it is asked for. */
  view(slot: number, size: number): DsmMapping {
    return new CarvedMapping(this, slot, size)
  }

  /** Zeroed, if nobody asked for these bytes before. */
  map(slot: number, size: number): DsmMapping {
    const { control, section } = this.#by
    const { firstPage, npages } = this.#run(slot)
    const mapping = this.#region.part(firstPage, size)
    if (Atomics.load(control.words, control.extra(slot) + EXTRA.zeroed) === 0) {
      section.begin()
      section.enterAlways()
      if (control.words[control.extra(slot) + EXTRA.zeroed] === 0) {
        this.#region.zero(firstPage, npages)
        recordZeroed(control, slot)
      }
      section.leave()
      section.end()
    }
    return mapping
  }

  #newHandle(slot: number): number {
    const { control } = this.#by
    const at = control.extra(slot) + EXTRA.useCount
    const uses = (control.words[at]! + 1) | 0
    store(control.words, at, uses)
    return carvedHandle(control, slot, uses)
  }

  /** The pages that a slot names, read once. @throws DSM_CORRUPT if they cannot be a segment's. */
  #run(slot: number): { firstPage: number; npages: number } {
    const { control } = this.#by
    const firstPage = control.words[control.slot(slot) + SLOT.firstPage]!
    const npages = control.words[control.slot(slot) + SLOT.npages]!
    if (!this.#region.has(firstPage, npages)) throw damagedRegion()
    return { firstPage, npages }
  }
}

class CarvedMapping implements DsmMapping {
  readonly size: number
  readonly #carving: Carving
  readonly #slot: number
  #mapping: DsmMapping | null = null
  #detached = false

  constructor(carving: Carving, slot: number, size: number) {
    this.size = size
    this.#carving = carving
    this.#slot = slot
  }

  get identity(): number {
    return this.#carving.identity
  }

  get buffer(): ArrayBuffer {
    return this.#own().buffer
  }

  part(offset: number, size: number): DsmMapping {
    return this.#own().part(offset, size)
  }

  detach(): void {
    this.#detached = true
    this.#mapping?.detach()
  }

  #own(): DsmMapping {
    if (this.#detached && this.#mapping === null) {
      throw new DsmError('DSM_DETACHED', 'this segment of the main region is detached', {
        op: 'buffer',
      })
    }
    this.#mapping ??= this.#carving.map(this.#slot, this.size)
    return this.#mapping
  }
}
