/**
 * What a group was like before somebody died in it, and what it must be like again: the same
 * segments, held by the same members, with the same bytes, pages and names. What the dead did by
 * right and left behind, a pin or a name, is undone first.
 */
import type { Dsm, Segment } from '@dsm/core'

const VICTIMS_NAMES = ['name', 'made']

export interface Held {
  readonly base: Segment
  readonly carved: Segment
  readonly pinned: Segment
}

export class Baseline {
  readonly #dsm: Dsm
  readonly #held: Held
  readonly #before: string

  constructor(dsm: Dsm, held: Held) {
    this.#dsm = dsm
    this.#held = held
    this.#before = this.#describe()
  }

  /** Restores, then compares. */
  differences(): string[] {
    this.#restore()
    const now = this.#describe()
    const problems = now === this.#before ? [] : [`it was ${this.#before} and is ${now}`]
    const { carved } = this.#held
    if (carved.bytes.some(byte => byte !== 7)) problems.push('a segment of others was changed')
    return problems
  }

  #restore(): void {
    const { base, carved, pinned } = this.#held
    const known = new Set<number>([base.handle, carved.handle, pinned.handle])
    for (const name of VICTIMS_NAMES) this.#dsm.unpublish(name)
    for (const segment of this.#dsm.segments()) {
      if (segment.pinned && !known.has(segment.handle)) this.#dsm.unpinSegment(segment.handle)
      if (segment.handle === pinned.handle && !segment.pinned) pinned.pin()
    }
  }

  #describe(): string {
    const segments = this.#dsm.segments().map(({ handle, size, refcnt, pinned, kind, names }) => ({
      handle,
      size,
      refcnt,
      pinned,
      kind,
      names,
    }))
    segments.sort((one, other) => one.handle - other.handle)
    return JSON.stringify([segments, this.#dsm.stats().mainRegion])
  }
}
