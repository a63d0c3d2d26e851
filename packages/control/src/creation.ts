/**
 * Making a segment with an object of its own (seed: dsm_create, from the choice of a handle on).
 * PostgreSQL makes the object and then the slot: a kill in between leaks the object for ever. Here
 * the slot names the object first; then the object is made; then others can attach.
 */
import { DsmError, type DsmMapping, type DsmNamespace } from '@dsm/impl'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import { HandlePool } from './handle-pool.js'
import { B, COUNTER, SLOT } from './layout.js'
import type { Removals } from './removal.js'
import type { Section } from './section.js'
import { findSlot, takeFreeSlot } from './slot-index.js'
import {
  recordFree,
  recordMaking,
  recordObject,
  recordOtherHandle,
  recordRemoving,
} from './slot-life.js'

/** Names in a row that may be strangers' before we give up. */
const REDRAWS_MAX = 8

/** The parts of a member that creation works with. */
export interface Creator {
  readonly control: ControlSegment
  readonly namespace: DsmNamespace
  readonly index: number
  readonly token: number
  readonly section: Section
  readonly removals: Removals
}

export interface Made {
  readonly slot: number
  readonly handle: number
  readonly mapping: DsmMapping
}

export class Creation {
  readonly #by: Creator
  readonly #handles: HandlePool
  /** Slots whose objects are being made on the thread pool. */
  readonly #inFlight = new Set<number>()

  constructor(by: Creator) {
    this.#by = by
    this.#handles = new HandlePool(by.namespace.sameName !== undefined)
  }

  get inFlight(): ReadonlySet<number> {
    return this.#inFlight
  }

  /** A whole operation; `keep` runs before it ends. null: all slots are taken. */
  create<T>(size: number, keep: (made: Made) => T): T | null {
    const { section } = this.#by
    const slot = this.#reserve(size)
    if (slot < 0) return null
    let mapping: DsmMapping
    try {
      mapping = this.#make(slot, size)
    } catch (error) {
      this.#abandon(slot)
      throw error
    }
    const kept = keep(this.#complete(slot, mapping))
    section.end()
    return kept
  }

  /** As `create`; the object's memory is allocated on the thread pool. */
  async createAsync<T>(
    size: number,
    signal: AbortSignal | undefined,
    keep: (made: Made) => T,
  ): Promise<T | null> {
    const { section } = this.#by
    const slot = this.#reserve(size)
    if (slot < 0) return null
    this.#inFlight.add(slot)
    section.end()
    try {
      const mapping = await this.#makeAsync(slot, size, signal)
      section.begin()
      const kept = keep(this.#complete(slot, mapping))
      section.end()
      return kept
    } finally {
      this.#inFlight.delete(slot)
    }
  }

  /** First section: a free slot names the object. -1: none is free, and the operation is over. */
  #reserve(size: number): number {
    const { control, section, token, removals } = this.#by
    this.#handles.refill()
    const recordedAtMs = Date.now()
    section.beginAndEnter()
    let slot = takeFreeSlot(control)
    if (slot < 0) {
      section.recover() // the dead may have left some
      section.leave()
      removals.finishAll()
      section.enter()
      slot = takeFreeSlot(control)
    }
    if (slot >= 0) {
      const handle = this.#freshHandle()
      recordMaking(control, slot, handle, size, token, recordedAtMs, process.pid)
    }
    section.leave()
    if (slot < 0) section.end()
    return slot
  }

  /** Under the lock. Slots of every state count: a dying one's name may still be there. */
  #freshHandle(): number {
    let handle = this.#handles.draw()
    while (findSlot(this.#by.control, handle) >= 0) handle = this.#handles.draw()
    return handle
  }

  #make(slot: number, size: number): DsmMapping {
    for (let draws = 1; ; draws++) {
      const mapping = this.#by.namespace.create(this.#handleOf(slot), size)
      if (mapping !== null) return mapping
      this.#redraw(slot, draws)
    }
  }

  async #makeAsync(slot: number, size: number, signal?: AbortSignal): Promise<DsmMapping> {
    const { namespace, section } = this.#by
    try {
      for (let draws = 1; ; draws++) {
        const mapping = await namespace.createAsync(this.#handleOf(slot), size, { signal })
        if (mapping !== null) return mapping
        section.begin()
        this.#redraw(slot, draws)
        section.end()
      }
    } catch (error) {
      section.begin()
      this.#abandon(slot)
      throw error
    }
  }

  /** The name was a stranger's, who keeps it: another one. */
  #redraw(slot: number, draws: number): void {
    const { control, namespace, section } = this.#by
    if (draws >= REDRAWS_MAX) {
      section.end()
      throw namesTaken(namespace.osName(this.#handleOf(slot)))
    }
    this.#handles.refill()
    section.enterAlways()
    recordOtherHandle(control, slot, this.#freshHandle())
    section.leave()
  }

  /** Second section. In a life that was shut down meanwhile the object goes again. */
  #complete(slot: number, mapping: DsmMapping): Made {
    const { control, section, index, token, removals } = this.#by
    const { words } = control
    const made = { slot, handle: this.#handleOf(slot), mapping }
    section.enterAlways()
    const fenced = words[control.header(B.fenced)] !== 0
    recordObject(control, slot, mapping.identity, index)
    count(control, COUNTER.created)
    if (fenced) recordRemoving(control, slot, token)
    section.leave()
    if (!fenced) return made
    mapping.detach()
    removals.finish(slot)
    section.end()
    throw new DsmError('DSM_CLOSED', 'the group was shut down while a segment was being made', {
      op: 'create',
    })
  }

  /** A create that failed has left no object: only the slot goes, and the operation is over. */
  #abandon(slot: number): void {
    const { control, section } = this.#by
    try {
      section.enterAlways()
      recordFree(control, slot)
      section.leave()
      section.end()
    } catch {
      // The first error counts. The operation stays open, so the next one finishes the slot.
    }
  }

  #handleOf(slot: number): number {
    const { control } = this.#by
    return control.words[control.slot(slot) + SLOT.handle]! >>> 0
  }
}

const namesTaken = (last: string): DsmError =>
  new DsmError(
    'DSM_FOREIGN',
    `${REDRAWS_MAX} names in a row, last "${last}", are taken by objects that are not of this ` +
      'group; none of them was touched',
    { op: 'create' },
  )
