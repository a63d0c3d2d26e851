/**
 * A member's operations on names: publish, unpublish, look up, and being the one that makes the
 * segment of a name while the others wait. Which segment, and how it is filled, is `@dsm/core`'s.
 */
import { DsmError, type DsmHandle } from '@dsm/impl'
import type { DeathOracle } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { B, SLOT } from './layout.js'
import type { NameKey } from './name-key.js'
import {
  addName,
  bindName,
  claimName,
  findName,
  makerOfName,
  removeName,
  slotOfName,
} from './names.js'
import type { Removals } from './removal.js'
import type { Section } from './section.js'
import { findLive } from './slot-index.js'

/** The parts of a member that naming works with. */
export interface Namer {
  readonly control: ControlSegment
  readonly section: Section
  readonly token: number
  readonly oracle: DeathOracle
  readonly removals: Removals
}

/** What `claim` found: a segment; that we are to make it; that a living member is making it. */
export type Claim = { readonly handle: number } | 'ours' | 'busy'

export class Naming {
  readonly #by: Namer

  constructor(by: Namer) {
    this.#by = by
  }

  /** By one store: others see the old segment or the new one. @throws DSM_UNKNOWN_HANDLE, … */
  publish(key: NameKey, handle: number): void {
    const { control, section } = this.#by
    section.beginAndEnter()
    const slot = findLive(control, handle)
    let entry = findName(control, key)
    const full = slot >= 0 && entry < 0 && !this.#hasRoom()
    if (slot >= 0 && !full) {
      if (entry < 0) entry = addName(control, key, slot, 0)
      else bindName(control, entry, slot)
    }
    section.leave()
    section.end()
    if (slot < 0) throw unknownHandle(handle)
    if (full) throw tableFull(control.geometry.maxSegments)
  }

  /** False: nothing bore that name. */
  unpublish(key: NameKey): boolean {
    const { control, section } = this.#by
    section.beginAndEnter()
    const entry = findName(control, key)
    const named = entry >= 0 && slotOfName(control, entry) >= 0
    if (named) removeName(control, entry)
    section.leave()
    section.end()
    return named
  }

  /** null: no live segment bears that name. */
  lookup(key: NameKey): DsmHandle | null {
    const { control, section } = this.#by
    section.beginAndEnter()
    const entry = findName(control, key)
    const slot = entry < 0 ? -1 : slotOfName(control, entry)
    const handle = slot < 0 ? 0 : control.words[control.slot(slot) + SLOT.handle]! >>> 0
    section.leave()
    section.end()
    return handle === 0 ? null : (handle as DsmHandle)
  }

  /**
   * The segment of that name, or the duty to make it: to be followed by `fulfil` or `renounce`. A
   * member that dies in between loses the duty to whoever claims next.
   */
  claim(key: NameKey): Claim {
    const { control, section, removals, token } = this.#by
    section.beginAndEnter()
    let entry = findName(control, key)
    if (entry >= 0 && this.#isGone(makerOfName(control, entry))) {
      section.recover() // what it was making goes too
      entry = findName(control, key)
    }
    const slot = entry < 0 ? -1 : slotOfName(control, entry)
    const handle = slot < 0 ? 0 : control.words[control.slot(slot) + SLOT.handle]! >>> 0
    const maker = entry < 0 ? 0 : makerOfName(control, entry)
    const busy = slot < 0 && maker !== 0
    const full = entry < 0 && !this.#hasRoom()
    if (slot < 0 && !busy && !full) {
      if (entry < 0) entry = addName(control, key, -1, token)
      else claimName(control, entry, token)
    }
    section.leave()
    removals.finishAll()
    section.end()
    if (full) throw tableFull(control.geometry.maxSegments)
    if (busy && maker === token) throw recursion(key.name)
    return slot >= 0 ? { handle } : busy ? 'busy' : 'ours'
  }

  /** The segment is ready: from here on others find it. */
  fulfil(key: NameKey, handle: number): void {
    this.publish(key, handle)
  }

  /** It could not be made: the next to ask makes it. Also in a life that was shut down. */
  renounce(key: NameKey): void {
    const { control, section } = this.#by
    section.begin()
    section.enterAlways()
    const entry = findName(control, key)
    if (this.#isOurs(entry)) removeName(control, entry)
    section.leave()
    section.end()
  }

  /** Is it for this member to make the segment of that name? Also in a life that was shut down. */
  isMaker(key: NameKey): boolean {
    const { control, section } = this.#by
    section.begin()
    section.enterAlways()
    const ours = this.#isOurs(findName(control, key))
    section.leave()
    section.end()
    return ours
  }

  #isOurs(entry: number): boolean {
    const { control, token } = this.#by
    const ours = entry >= 0 && makerOfName(control, entry) === token
    return ours && slotOfName(control, entry) < 0
  }

  #isGone(maker: number): boolean {
    return maker !== 0 && maker !== this.#by.token && this.#by.oracle.isDead(maker)
  }

  #hasRoom(): boolean {
    const { control } = this.#by
    return control.words[control.header(B.nameFreeHead)] !== 0
  }
}

const unknownHandle = (handle: number): DsmError =>
  new DsmError('DSM_UNKNOWN_HANDLE', `segment ${handle} is unknown, or going away`, {
    op: 'publish',
  })

const tableFull = (limit: number): DsmError =>
  new DsmError(
    'DSM_TOO_MANY_SEGMENTS',
    `all ${limit} names of this group are in use; unpublish some, or let the first opener make ` +
      'the group with a larger maxSegments',
    { op: 'publish' },
  )

const recursion = (name: string): DsmError =>
  new DsmError('DSM_LOCK_HELD', `this member is making the segment of "${name}" already`, {
    op: 'getOrCreate',
  })
