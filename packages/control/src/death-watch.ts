/**
 * One member's reading of the log of deaths: each dead member once, with the handles that it held.
 * It takes no lock, so that looking never waits; an entry counts only if it was not overwritten
 * while it was copied. It begins with the deaths that are recovered after it was made.
 */
import type { ControlSegment } from './control-segment.js'
import { deathEntry } from './death-log.js'
import type { MemberInfo } from './inspect.js'
import { B, DEATH } from './layout.js'
import type { ControlLogger } from './logger.js'
import { loadWide } from './shared-words.js'

/** Who died without leaving, and what it held then. */
export interface MemberDeath {
  /** As it was; `alive` is false. */
  readonly member: MemberInfo
  /** Of the segments that it held. What it was writing there may be half done. */
  readonly handles: readonly number[]
}

/** One member's reading of the log of deaths: each death once. */
export class DeathWatch {
  readonly #control: ControlSegment
  readonly #logger: ControlLogger
  readonly #entry = new Int32Array(DEATH.words)
  /** Entries read. */
  #seen: number
  /** Handles of those who are not buried yet. */
  readonly #held = new Map<string, Set<number>>()
  /** By index, the last one told of: a recovery that was killed may bury it again. */
  readonly #told = new Map<number, string>()

  constructor(control: ControlSegment, logger: ControlLogger) {
    this.#control = control
    this.#logger = logger
    this.#seen = this.#written
  }

  /** Deaths since the last look, oldest first. */
  look(): MemberDeath[] {
    const deaths: MemberDeath[] = []
    const end = this.#written
    this.#catchUp()
    while (((end - this.#seen) | 0) > 0) {
      this.#entry.set(this.#words(this.#seen))
      if (this.#catchUp()) continue // it may have been overwritten in between
      this.#seen = (this.#seen + 1) | 0
      const death = this.#take()
      if (death !== null) deaths.push(death)
    }
    return deaths
  }

  get #written(): number {
    return Atomics.load(this.#control.words, this.#control.header(B.deathCount))
  }

  #words(n: number): Int32Array {
    const at = deathEntry(this.#control, n)
    return this.#control.words.subarray(at, at + DEATH.words)
  }

  /** True if entries were overwritten before they were read; the next one is one that was not. */
  #catchUp(): boolean {
    const kept = this.#control.geometry.deathCapacity - 1 // the one after may be being written
    const written = this.#written
    if ((written - this.#seen) >>> 0 <= kept) return false
    this.#seen = (written - kept) | 0
    this.#logger.warn('so much was held by members that died that some handles are not known', {})
    return true
  }

  #take(): MemberDeath | null {
    const entry = this.#entry
    const index = entry[DEATH.member]!
    if (index < 0 || index >= this.#control.geometry.maxMembers) return null // damaged
    const pid = entry[DEATH.pid]!
    const threadId = entry[DEATH.threadId]!
    const startedAt = loadWide(entry, DEATH.startedAt)
    const who = `${index} ${pid} ${threadId} ${startedAt}`
    const handle = entry[DEATH.handle]! >>> 0
    if (handle !== 0) {
      this.#handlesOf(who).add(handle)
      return null
    }
    const handles = [...this.#handlesOf(who)]
    this.#held.delete(who)
    if (this.#told.get(index) === who) return null
    this.#told.set(index, who)
    const member = { index, pid, threadId, startedAt: new Date(startedAt), alive: false, handles }
    return { member, handles }
  }

  #handlesOf(who: string): Set<number> {
    const known = this.#held.get(who) ?? new Set<number>()
    this.#held.set(who, known)
    return known
  }
}
