/**
 * What a group should be after every step: the model of the campaign `model`. Plain sets and
 * numbers; it knows what PostgreSQL's dsm.c promises, and nothing of how that is kept.
 */
import type { DsmStats, SegmentInfo } from '@dsm/core'

export interface ModelSegment {
  readonly handle: number
  readonly size: number
  /** Who is attached, with the callbacks that its next detach runs. */
  readonly holders: Map<number, number[]>
  pinned: boolean
}

const PAGE_BYTES = 4096
const isCarved = (handle: number): boolean => handle % 2 === 1

export class GroupModel {
  readonly segments = new Map<number, ModelSegment>()
  readonly #callbacks: number[] = []

  created(who: number, handle: number, size: number): string | null {
    if (this.segments.has(handle)) return `handle ${handle} was given twice`
    this.segments.set(handle, { handle, size, holders: new Map([[who, []]]), pinned: false })
    return null
  }

  attached(who: number, handle: number): void {
    this.segments.get(handle)?.holders.set(who, [])
  }

  listened(who: number, handle: number): void {
    const number = this.#callbacks[who] ?? 0
    this.#callbacks[who] = number + 1
    this.segments.get(handle)?.holders.get(who)?.push(number)
  }

  /** The callbacks that have to run, newest first. */
  detached(who: number, handle: number): number[] {
    const segment = this.segments.get(handle)
    const callbacks = [...(segment?.holders.get(who) ?? [])].reverse()
    segment?.holders.delete(who)
    this.#freeIfUnkept(handle)
    return callbacks
  }

  pinned(handle: number, pinned: boolean): void {
    const segment = this.segments.get(handle)
    if (segment) segment.pinned = pinned
    this.#freeIfUnkept(handle)
  }

  #freeIfUnkept(handle: number): void {
    const segment = this.segments.get(handle)
    if (segment && segment.holders.size === 0 && !segment.pinned) this.segments.delete(handle)
  }

  /** How what is differs from what should be. */
  differences(listed: readonly SegmentInfo[], stats: DsmStats): string[] {
    const problems: string[] = []
    const seen = new Map(listed.map(segment => [segment.handle, segment]))
    for (const { handle } of listed) {
      if (!this.segments.has(handle)) problems.push(`segment ${handle} should be gone`)
    }
    for (const { handle, size, holders, pinned } of this.segments.values()) {
      const wanted = { size, refcnt: 1 + holders.size + (pinned ? 1 : 0), pinned }
      const found = seen.get(handle)
      const is = found && { size: found.size, refcnt: found.refcnt, pinned: found.pinned }
      if (JSON.stringify(is) !== JSON.stringify(wanted)) {
        problems.push(`segment ${handle} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`)
      }
    }
    const { total = 0, free = 0 } = stats.mainRegion ?? {}
    if (total - free !== this.#pages) {
      problems.push(`${total - free} pages are in use, and ${this.#pages} should be`)
    }
    return problems
  }

  get #pages(): number {
    let pages = 0
    for (const { handle, size } of this.segments.values()) {
      if (isCarved(handle)) pages += Math.ceil(size / PAGE_BYTES)
    }
    return pages
  }
}
