/**
 * Reads any control segment, PostgreSQL's own (versions 14 to 18) and ours, from a copy. Hostile
 * bytes are normal input: nothing here throws on them, no loop is bounded by a value in them that
 * was not checked against the length first. It reads part A only, which both share.
 */
import { invalidType } from '@dsm/impl'
import { PG, PG_MAGIC, SLOT } from './layout.js'

/** One slot of the table of segments. */
export interface SlotView {
  /** uint32 */
  readonly handle: number
  /** uint32: 0 free, 1 being made or removed, n ≥ 2: n - 1 references and pins */
  readonly refcnt: number
  /** Main region only; stale otherwise. */
  readonly firstPage: number
  readonly npages: number
  readonly pinned: boolean
}

/** A control segment, as its bytes say it is. */
export interface ControlView {
  /** Seed's rule: long enough, magic right, slots fit, nitems ≤ maxitems. */
  readonly sane: boolean
  /** uint32; 0 where the bytes are too short for one */
  readonly magic: number
  readonly nitems: number
  readonly maxitems: number
  /** The nitems slots of a sane segment; none of an insane one. */
  readonly slots: readonly SlotView[]
}

/**
 * Seed: dsm_control_segment_sane, and the loop of dsm_cleanup_using_control_segment.
 * @param bytes a control segment, whole; may be longer than it needs.
 * @throws TypeError ERR_INVALID_ARG_TYPE if it is neither a Uint8Array nor an ArrayBuffer.
 */
export function readControlSegment(bytes: Uint8Array | ArrayBuffer): ControlView {
  const view = privateCopy(bytes)
  const word = (index: number): number =>
    (index + 1) * 4 <= view.byteLength ? view.getUint32(index * 4, true) : 0
  const magic = word(PG.magic)
  const nitems = word(PG.nitems)
  const maxitems = word(PG.maxitems)
  const fits = (PG.words + SLOT.words * maxitems) * 4 <= view.byteLength
  const sane = magic === PG_MAGIC >>> 0 && fits && nitems <= maxitems
  const slots: SlotView[] = []
  for (let slot = 0; sane && slot < nitems; slot++) {
    const at = PG.words + slot * SLOT.words
    const wide = (index: number): number => word(index) + word(index + 1) * 0x1_0000_0000
    slots.push({
      handle: word(at + SLOT.handle),
      refcnt: word(at + SLOT.refcnt),
      firstPage: wide(at + SLOT.firstPage),
      npages: wide(at + SLOT.npages),
      pinned: (word(at + SLOT.pinned) & 0xff) !== 0,
    })
  }
  return { sane, magic, nitems, maxitems, slots }
}

function privateCopy(bytes: Uint8Array | ArrayBuffer): DataView {
  if (bytes instanceof Uint8Array) return new DataView(Uint8Array.from(bytes).buffer)
  if (Object.prototype.toString.call(bytes) === '[object ArrayBuffer]') {
    return new DataView((bytes as ArrayBuffer).slice(0))
  }
  throw invalidType('bytes', 'a Uint8Array or an ArrayBuffer', bytes)
}
