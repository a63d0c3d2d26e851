/**
 * Removing the objects of dying slots that name this member: outside the lock, because giving back
 * the memory of a big one takes milliseconds, and then freeing the slot in a section of its own.
 * Such slots are found by their owner word, never from a private list: a recovery can hand over
 * more at any time, and one that failed is found again by the next sweep.
 */
import type { DsmEvidence, DsmNamespace } from '@dsm/impl'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import type { Diagnostics } from './diagnostics.js'
import { COUNTER, EXTRA, SLOT } from './layout.js'
import type { ControlLogger } from './logger.js'
import { isDyingOwner, tokenOfOwner } from './owner-word.js'
import type { Section } from './section.js'
import { loadWide } from './shared-words.js'
import { recordFree } from './slot-life.js'

/** The parts of a member that removal works with. */
export interface Remover {
  readonly control: ControlSegment
  readonly namespace: DsmNamespace
  readonly token: number
  readonly section: Section
  readonly diagnostics: Diagnostics
  readonly logger: ControlLogger
}

export class Removals {
  readonly #by: Remover
  /** Slots whose removal is on the stack: taking the lock can lead back here. */
  readonly #underWay = new Set<number>()

  constructor(by: Remover) {
    this.#by = by
  }

  /** Within an operation, outside the lock. A failure is warned of; the slot stays for a sweep. */
  finish(slot: number): void {
    const { control, section } = this.#by
    this.#underWay.add(slot)
    try {
      if (!this.#removeObject(slot)) return
      const handle = control.words[control.slot(slot) + SLOT.handle]! >>> 0
      section.enterAlways()
      recordFree(control, slot)
      count(control, COUNTER.destroyed)
      section.leave()
      this.#by.diagnostics.destroyed(handle)
    } finally {
      this.#underWay.delete(slot)
    }
  }

  /** Within an operation, outside the lock: every dying slot that names this member. */
  finishAll(): void {
    for (let slot = 0; slot < this.#by.control.geometry.maxSegments; slot++) {
      if (this.#isOurs(slot)) this.finish(slot)
    }
  }

  /** Is there anything for finishAll? Takes no lock: only we change a slot that names us. */
  get pending(): boolean {
    for (let slot = 0; slot < this.#by.control.geometry.maxSegments; slot++) {
      if (this.#isOurs(slot)) return true
    }
    return false
  }

  /** After a cut nothing is on the stack any more. */
  forgetUnderWay(): void {
    this.#underWay.clear()
  }

  #isOurs(slot: number): boolean {
    const { control, token } = this.#by
    if (control.words[control.slot(slot) + SLOT.refcnt] !== 1) return false
    const owner = control.words[control.extra(slot) + EXTRA.owner]!
    return tokenOfOwner(owner) === token && isDyingOwner(owner) && !this.#underWay.has(slot)
  }

  #removeObject(slot: number): boolean {
    const { control, namespace, logger } = this.#by
    const handle = control.words[control.slot(slot) + SLOT.handle]! >>> 0
    try {
      if (!namespace.destroy(handle, evidenceOf(control, slot))) {
        const name = namespace.osName(handle)
        logger.warn('left an object that is not ours under a name of ours', { name })
      }
      return true
    } catch (error) {
      logger.warn('could not remove a segment; a later sweep will', { handle, error })
      return false
    }
  }
}

/**
 * What the slot recorded of its object. An identity without its low word, which is stored last, was
 * cut while it was being recorded: it counts as none.
 */
export function evidenceOf(control: ControlSegment, slot: number): DsmEvidence {
  const { words } = control
  const extra = control.extra(slot)
  const recorded = words[extra + EXTRA.identity] !== 0
  return {
    identity: recorded ? loadWide(words, extra + EXTRA.identity) : 0,
    size: loadWide(words, extra + EXTRA.size),
    recordedAtMs: loadWide(words, extra + EXTRA.recordedAt),
    creatorPid: words[extra + EXTRA.creatorPid]!,
  }
}
