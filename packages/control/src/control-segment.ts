/**
 * One mapped control segment: its words and where things stand in them. Made by `format` when a
 * life begins and by `verify` when somebody joins. It knows no lock and no member; whoever changes
 * something holds the lock (see `section.ts`).
 */
import { randomFillSync } from 'node:crypto'
import { DsmError } from '@dsm/impl'
import {
  B,
  EXTRA,
  FLAG,
  type Geometry,
  geometry,
  geometryWords,
  LAYOUT,
  MAGIC,
  MAX_MEMBERS_LIMIT,
  MAX_SEGMENTS_LIMIT,
  MEMBER,
  NAME,
  PG,
  PG_MAGIC,
  SLOT,
} from './layout.js'
import { publish, store } from './shared-words.js'

export interface ControlOptions {
  readonly maxSegments: number
  readonly maxMembers: number
  readonly persist: boolean
}

export class ControlSegment {
  readonly words: Int32Array
  readonly geometry: Geometry
  /** Index of the lock word. */
  readonly lock: number
  /** Of the geometry, at hand for what every operation computes. */
  readonly #partB: number
  readonly #extra: number
  readonly #refs: number
  readonly #rowWords: number

  private constructor(words: Int32Array, shape: Geometry) {
    this.words = words
    this.geometry = shape
    this.lock = shape.partB + B.lock
    this.#partB = shape.partB
    this.#extra = shape.extra
    this.#refs = shape.refs
    this.#rowWords = shape.rowWords
  }

  /** Word of part B's header. */
  header(field: number): number {
    return this.#partB + field
  }

  /** First word of PostgreSQL's part of a slot. */
  slot(slot: number): number {
    return PG.words + slot * SLOT.words
  }

  /** First word of our part of a slot. */
  extra(slot: number): number {
    return this.#extra + slot * EXTRA.words
  }

  /** First word of a slot's row of references. */
  row(slot: number): number {
    return this.#refs + slot * this.#rowWords
  }

  member(index: number): number {
    return this.geometry.members + index * MEMBER.words
  }

  name(index: number): number {
    return this.geometry.names + index * NAME.words
  }

  /** A segment of the same shape over bytes of our own, to copy these into. */
  privateCopy(): ControlSegment {
    return new ControlSegment(new Int32Array(this.words.length), this.geometry)
  }

  /** Of all members that never signed off, dead ones included. For messages. */
  livePids(): number[] {
    return livePids(this.words, this.geometry.members, this.geometry.maxMembers)
  }

  /** Of the main region; -1: there is none. */
  get mainRegionSlot(): number {
    return this.words[this.header(B.mainRegionSlot)]! - 1
  }

  get persist(): boolean {
    return (this.words[this.header(B.flags)]! & FLAG.persist) !== 0
  }

  /**
   * Writes a new life's header into zeroed bytes. nitems is maxitems from the start: every slot is
   * zero, so nothing is ever hidden between two stores. The magics come last: without them the
   * bytes are nobody's.
   * Seed: the end of dsm_postmaster_startup.
   */
  static format(buffer: ArrayBuffer, options: ControlOptions): ControlSegment {
    const words = new Int32Array(buffer)
    const control = new ControlSegment(words, geometry(options.maxSegments, options.maxMembers))
    store(words, PG.nitems, options.maxSegments)
    store(words, PG.maxitems, options.maxSegments)
    for (const [field, value] of geometryWords(control.geometry)) {
      store(words, control.header(field), value)
    }
    store(words, control.header(B.flags), options.persist ? FLAG.persist : 0)
    control.#chainFreeSlots()
    control.#startUseCounts()
    control.#chainFreeNames()
    publish(words, PG.magic, PG_MAGIC)
    publish(words, control.header(B.magic), MAGIC)
    return control
  }

  #chainFreeNames(): void {
    const { maxSegments } = this.geometry
    for (let entry = 0; entry < maxSegments; entry++) {
      store(this.words, this.name(entry) + NAME.next, entry + 1 < maxSegments ? entry + 2 : 0)
    }
    store(this.words, this.header(B.nameFreeHead), 1)
  }

  /** At random, so that handles of one life say nothing in the next. */
  #startUseCounts(): void {
    const { maxSegments } = this.geometry
    const start = randomFillSync(new Int32Array(maxSegments))
    for (let slot = 0; slot < maxSegments; slot++) {
      store(this.words, this.extra(slot) + EXTRA.useCount, start[slot]!)
    }
  }

  #chainFreeSlots(): void {
    const { words } = this
    const { maxSegments } = this.geometry
    for (let slot = 0; slot < maxSegments; slot++) {
      const next = slot + 1 < maxSegments ? slot + 2 : 0
      store(words, this.extra(slot) + EXTRA.freeNext, next)
    }
    store(words, this.header(B.freeHead), 1)
    store(words, this.header(B.freeTail), maxSegments)
  }

  /**
   * Takes bytes that somebody else wrote for a control segment, if that is what they are.
   * @returns null where they cannot be one of ours: too short, no magic, another geometry than the
   *   one that its own sizes lead to.
   * @throws DSM_LAYOUT_MISMATCH if another release of dsm wrote them.
   */
  static verify(buffer: ArrayBuffer): ControlSegment | null {
    const words = new Int32Array(buffer, 0, buffer.byteLength >> 2)
    if (words.length < PG.words) return null
    const head = words.slice(0, PG.words)
    const maxSegments = head[PG.maxitems]! >>> 0
    if (head[PG.magic] !== PG_MAGIC || head[PG.nitems] !== head[PG.maxitems]) return null
    if (maxSegments < 1 || maxSegments > MAX_SEGMENTS_LIMIT) return null
    const partB = geometry(maxSegments, 1).partB
    if (words.length < partB + B.words) return null
    const part = words.slice(partB, partB + B.words)
    if (part[B.magic] !== MAGIC) return null
    if (part[B.layout] !== LAYOUT)
      throw layoutMismatch(part[B.layout]!, pidsOfAnyLayout(words, part))
    const maxMembers = part[B.maxMembers]!
    if (maxMembers < 1 || maxMembers > MAX_MEMBERS_LIMIT) return null
    const shape = geometry(maxSegments, maxMembers)
    if (shape.sizeBytes !== buffer.byteLength) return null
    if (geometryWords(shape).some(([field, value]) => part[field] !== value)) return null
    return new ControlSegment(words, shape)
  }
}

/** Pids of the live members of a segment of any layout: its frozen words only, checked first. */
function pidsOfAnyLayout(words: Int32Array, part: Int32Array): number[] {
  const maxMembers = Math.min(part[B.maxMembers]! >>> 0, MAX_MEMBERS_LIMIT)
  return livePids(words, part[B.membersOffset]! >>> 0, maxMembers)
}

function livePids(words: Int32Array, offset: number, maxMembers: number): number[] {
  const pids: number[] = []
  for (let index = 0; index < maxMembers; index++) {
    const at = offset + index * MEMBER.words
    if (at + MEMBER.words > words.length) break
    if (words[at + MEMBER.live] !== 0) pids.push(words[at + MEMBER.pid]!)
  }
  return pids
}

export function layoutMismatch(theirs: number, pids: readonly number[]): DsmError {
  const who = pids.length === 0 ? '' : ` (pids ${pids.join(', ')})`
  return new DsmError(
    'DSM_LAYOUT_MISMATCH',
    `this group is used${who} by a release of dsm with layout ${theirs}; this one has layout ` +
      `${LAYOUT}. Run one release, or end those processes first`,
    { op: 'open' },
  )
}
