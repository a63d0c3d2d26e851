/**
 * Looks at a group from outside while others work and die in it: through the public API, as any
 * member can, and through the operating system, which the library cannot deceive. It changes
 * nothing but what every member changes by looking (taking the lock of a dead owner).
 */
import type { Dsm, SegmentInfo } from '@dsm/core'
import { isRemoved, type Objects } from './machine.js'

/** A dead member is swept within two seconds of event loop turns; this machine may be slow. */
const GONE_WITHIN_MS = 10_000

export class Auditor {
  readonly problems: string[] = []
  checks = 0
  /** ms from a death to the first look that did not see the dead any more */
  slowestSweep = 0
  /** ms that one look through the API took */
  longestLook = 0
  readonly #dsm: Dsm
  readonly #objects: Objects
  readonly #makers: Set<number>
  /** The control segment: an object without a slot. */
  readonly #unslotted: ReadonlySet<string>
  /** Dead processes that may still be named: pid, and when it ended. */
  readonly #dead = new Map<number, number>()

  constructor(dsm: Dsm, objects: Objects, unslotted: ReadonlySet<string>, makers: Set<number>) {
    this.#dsm = dsm
    this.#objects = objects
    this.#unslotted = unslotted
    this.#makers = makers
  }

  died(pid: number): void {
    this.#dead.set(pid, performance.now())
  }

  /** All invariants, now. */
  check(): void {
    this.checks++
    try {
      const earlier = this.#look()
      const objectsEarlier = this.#objects.list(this.#makers)
      const later = this.#look()
      const objectsLater = this.#objects.list(this.#makers)
      const standing = [...objectsEarlier].filter(name => objectsLater.has(name))
      this.#counts(later)
      this.#orphans(standing, later)
      this.#lost(earlier, later, objectsEarlier)
      this.#funerals(later)
    } catch (error) {
      this.problems.push(`a look at the group threw: ${(error as Error).stack}`)
    }
  }

  #look(): SegmentInfo[] {
    const started = performance.now()
    const segments = this.#dsm.segments()
    this.longestLook = Math.max(this.longestLook, performance.now() - started)
    return segments
  }

  /** Under the lock, counts and references agree, and a handle names one segment. */
  #counts(segments: readonly SegmentInfo[]): void {
    const handles = new Set<number>()
    for (const { handle, refcnt, members, pinned } of segments) {
      if (handles.has(handle)) this.problems.push(`two segments have handle ${handle}`)
      handles.add(handle)
      const wanted = 1 + members.length + (pinned ? 1 : 0)
      if (refcnt === 1 || refcnt === wanted) continue
      this.problems.push(
        `segment ${handle}: refcnt ${refcnt}, ${members.length} members, ${pinned}`,
      )
    }
  }

  /** An object that was there before and after a look was named by a slot in between. */
  #orphans(standing: readonly string[], segments: readonly SegmentInfo[]): void {
    const named = new Set(segments.map(({ osName }) => osName))
    for (const name of standing) {
      if (named.has(name) || this.#unslotted.has(name) || isRemoved(name)) continue
      this.problems.push(`object ${name} has no slot`)
    }
  }

  /** A segment that was live before and after we listed the objects had its object. */
  #lost(
    earlier: readonly SegmentInfo[],
    later: readonly SegmentInfo[],
    objects: ReadonlySet<string>,
  ): void {
    const live = new Set(later.filter(isLive).map(({ osName }) => osName))
    for (const { osName, handle } of earlier.filter(isLive)) {
      if (osName === null || !live.has(osName) || objects.has(osName)) continue
      this.problems.push(`segment ${handle} is live and ${osName} is not there`)
    }
  }

  /** The dead are forgotten, by the table of members and by every segment. */
  #funerals(segments: readonly SegmentInfo[]): void {
    if (this.#dead.size === 0) return
    const named = new Set(this.#dsm.members().map(({ pid }) => pid))
    for (const { members } of segments) for (const { pid } of members) named.add(pid)
    for (const [pid, since] of this.#dead) {
      const age = performance.now() - since
      if (!named.has(pid)) {
        this.slowestSweep = Math.max(this.slowestSweep, age)
        this.#dead.delete(pid)
      } else if (age > GONE_WITHIN_MS) {
        this.problems.push(`process ${pid}, dead for ${Math.round(age)} ms, is still a member`)
        this.#dead.delete(pid)
      }
    }
  }

  /** Nobody has died whom the group still names. */
  get mourning(): boolean {
    return this.#dead.size > 0
  }
}

const isLive = ({ refcnt }: SegmentInfo): boolean => refcnt >= 2
