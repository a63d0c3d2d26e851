/**
 * The segments that a member is attached to, in the order of attaching: a list through the segments
 * themselves, as adding and removing are on the way of every create, attach and detach, and a Map
 * costs more than all the rest of them. Looking up by handle makes a Map once somebody does.
 *
 * What is cut half-way (a `vm` timeout) leaves the list from newest to oldest whole, perhaps with
 * a segment in it that is detached: those are passed over, and taken out by the next look at all.
 * Seed: dsm_segment_list and its nodes.
 */

/** What the list needs of a segment. */
export interface Listed<S> {
  readonly handle: number
  readonly detached: boolean
  newer: S | null
  older: S | null
}

export class SegmentList<S extends Listed<S>> {
  #newest: S | null = null
  /** null until it is asked for. */
  #byHandle: Map<number, S> | null = null

  add(segment: S): void {
    const byHandle = this.#byHandle
    if (byHandle !== null) this.#byHandle = null // should this be cut, it is made anew
    segment.older = this.#newest
    if (this.#newest !== null) this.#newest.newer = segment
    this.#newest = segment
    if (byHandle !== null) this.#byHandle = byHandle.set(segment.handle, segment)
  }

  /** Can be done again, should it have been cut. */
  remove(segment: S): void {
    const { newer, older } = segment
    if (newer !== null) newer.older = older
    else if (this.#newest === segment) this.#newest = older
    else return // it is not in
    if (older !== null) older.newer = newer
    segment.newer = null // but `older` stays: after a cut it may still be on the way to others
    if (this.#byHandle !== null && this.#byHandle.get(segment.handle) === segment) {
      this.#byHandle.delete(segment.handle)
    }
  }

  /** A copy: what is detached or added meanwhile leaves it as it is. */
  newestFirst(): S[] {
    const all: S[] = []
    let stale = false
    for (let each = this.#newest; each !== null; each = each.older) {
      if (each.detached) stale = true
      else all.push(each)
    }
    if (stale) this.#relink(all)
    return all
  }

  find(handle: number): S | null {
    this.#byHandle ??= new Map(this.newestFirst().map(segment => [segment.handle, segment]))
    const found = this.#byHandle.get(handle)
    return found === undefined || found.detached ? null : found
  }

  /** From the oldest on: until the end the list is whole as it was, or as it will be. */
  #relink(all: readonly S[]): void {
    for (let at = all.length - 1; at >= 0; at--) {
      all[at]!.older = all[at + 1] ?? null
      all[at]!.newer = all[at - 1] ?? null
    }
    this.#newest = all[0] ?? null
  }
}
