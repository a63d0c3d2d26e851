/**
 * `recover()`: the one idempotent repair, for every way in which a member can have gone. It runs
 * under the lock and may itself be killed or cut at any store: whoever comes next runs it again.
 * Validate; take the dead once; subtract their references; mark what nothing keeps; take over the
 * half-done slots of the dead; rebuild the indexes; and only then free the dead entries.
 *
 * It removes no object: that takes milliseconds and is done outside the lock by the member that
 * took the slot over, which is found by the slot's owner word (`Member`). A living owner's slot is
 * never touched, however slow the owner.
 * Seed: nothing. PostgreSQL restarts every process instead.
 */
import { isMainRegionHandle } from '@dsm/impl'
import { byteOf, generationOf, type LockFile, memberOf, tokenOf } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import { recordDeath } from './death-log.js'
import { B, COUNTER, EXTRA, MEMBER, SLOT } from './layout.js'
import type { MainRegion } from './main-region.js'
import { rebuildNames } from './names.js'
import { tokenOfOwner } from './owner-word.js'
import { clearRow, isPinned, popcount } from './references.js'
import { publish, store } from './shared-words.js'
import { rebuildIndexes } from './slot-index.js'
import { recordRemoving } from './slot-life.js'

/** Steps, as stored in the header while one is under way. */
const STEP = { none: 0, validate: 1, subtract: 2, index: 3, bury: 4 } as const
/** A recovery that died this often at one step would go on killing: the life is given up. */
const ATTEMPTS_MAX = 8

export class Recovery {
  readonly #control: ControlSegment
  readonly #file: LockFile
  readonly #token: number
  /** Made beforehand, as recovery allocates nothing: each entry's token, and a bit for each. */
  readonly #tokens: Int32Array
  readonly #held: Int32Array
  /** The dead set: one bit for each member. */
  readonly #dead: Int32Array
  /** The word of attempts as our last recovery left it, if it did not come to its end. */
  #cutAt: number | null = null
  /** Set once it is mapped, before this member is live; null in a group without one. */
  region: MainRegion | null = null

  constructor(control: ControlSegment, file: LockFile, token: number) {
    this.#control = control
    this.#file = file
    this.#token = token
    this.#tokens = new Int32Array(control.geometry.maxMembers)
    this.#held = new Int32Array(control.geometry.rowWords)
    this.#dead = new Int32Array(control.geometry.rowWords)
  }

  /** True if any entry says `live` while its byte is free. Takes no lock; for the sweep. */
  anyDead(): boolean {
    return this.#takeDead(false) > 0
  }

  /**
   * Under the lock. False: the life is poisoned, by this call or before.
   * Afterwards the slots that this member has to finish name it as their owner.
   * @param joining our own entry still says `live` for an incarnation that is gone: it is dead too.
   */
  run(joining = false): boolean {
    const control = this.#control
    const { words } = control
    if (words[control.header(B.poisoned)] !== 0 || !this.#enter()) return false
    this.#cutAt = words[control.header(B.recoveryAttempts)]!
    this.#step(STEP.validate)
    if (!slotsAreSane(control) || !this.#regionIsSane()) {
      publish(words, control.header(B.poisoned), 1)
      return false
    }
    this.#takeDead(joining)
    this.#step(STEP.subtract)
    for (let slot = 0; slot < control.geometry.maxSegments; slot++) this.#settle(slot)
    this.#step(STEP.index)
    rebuildIndexes(control)
    this.region?.rebuild()
    rebuildNames(control, maker => !this.#ownerIsGone(maker))
    this.#step(STEP.bury)
    this.#bury()
    count(control, COUNTER.recoveries)
    store(words, control.header(B.recoveryAttempts), 0)
    this.#step(STEP.none)
    this.#cutAt = null
    return true
  }

  /**
   * Counts recoveries that ended at the step where the last one stands. One of our own that was cut
   * is none of them: there was no death, and an overflow can cut the next ones at the same step.
   */
  #enter(): boolean {
    const { words } = this.#control
    const step = words[this.#control.header(B.recoveryStep)]!
    const at = this.#control.header(B.recoveryAttempts)
    const before = words[at]!
    if (step === STEP.none || before === this.#cutAt) return true
    const attempts = before >> 8 === step ? (before & 0xff) + 1 : 1
    store(words, at, (step << 8) | attempts)
    if (attempts < ATTEMPTS_MAX) return true
    publish(words, this.#control.header(B.poisoned), 1)
    return false
  }

  #step(step: number): void {
    store(this.#control.words, this.#control.header(B.recoveryStep), step)
  }

  /** The dead set: live entries whose byte is free; ours only when joining. Returns how many. */
  #takeDead(joining: boolean): number {
    const control = this.#control
    const self = memberOf(this.#token)
    const { maxMembers } = control.geometry
    for (let member = 0; member < maxMembers; member++) {
      const at = control.member(member)
      const live = Atomics.load(control.words, at + MEMBER.live) !== 0
      const generation = Atomics.load(control.words, at + MEMBER.generation)
      this.#tokens[member] = live ? tokenOf(member, generation) : 0
    }
    this.#file.heldIn(this.#tokens, this.#held, maxMembers)
    let dead = 0
    this.#dead.fill(0)
    for (let member = 0; member < maxMembers; member++) {
      if (this.#tokens[member] === 0) continue
      const alive = member === self ? !joining : isSet(this.#held, member)
      if (alive) continue
      this.#dead[member >> 5]! |= 1 << (member & 31)
      dead++
    }
    return dead
  }

  /** One slot: references, count, owner. */
  #settle(slot: number): void {
    const control = this.#control
    const { words } = control
    const refcnt = control.slot(slot) + SLOT.refcnt
    const counted = words[refcnt]!
    if (counted === 0) return
    const references = this.#subtract(slot)
    const ownerWord = control.extra(slot) + EXTRA.owner
    if (counted === 1) {
      if (this.#ownerIsGone(words[ownerWord]!)) this.#takeOver(slot)
      return
    }
    const kept = references + (isPinned(control, slot) ? 1 : 0)
    if (kept === 0) {
      this.#takeOver(slot)
      return
    }
    if (words[ownerWord] !== 0) store(words, ownerWord, 0)
    if (counted !== kept + 1) store(words, refcnt, kept + 1)
  }

  /**
   * Nothing keeps the slot: it becomes ours to remove. One whose pages are of the main region has
   * no object, so it is free at once; both indexes and the pages are rebuilt after this.
   */
  #takeOver(slot: number): void {
    const control = this.#control
    if (!isMainRegionHandle(control.words[control.slot(slot) + SLOT.handle]!)) {
      recordRemoving(control, slot, this.#token)
      return
    }
    clearRow(control, slot)
    store(control.words, control.slot(slot) + SLOT.refcnt, 0) // commit
    store(control.words, control.extra(slot) + EXTRA.owner, 0)
    count(control, COUNTER.destroyed)
  }

  #regionIsSane(): boolean {
    if (this.region !== null) return this.region.isSane()
    const { words, geometry } = this.#control
    for (let slot = 0; slot < geometry.maxSegments; slot++) {
      const at = this.#control.slot(slot)
      if (words[at + SLOT.refcnt] !== 0 && isMainRegionHandle(words[at + SLOT.handle]!))
        return false
    }
    return true
  }

  /** Takes the dead's bits from a row; returns the bits that stay. */
  #subtract(slot: number): number {
    const control = this.#control
    const { words } = control
    const row = control.row(slot)
    let kept = 0
    for (let word = 0; word < control.geometry.rowWords; word++) {
      const bits = words[row + word]!
      const gone = bits & this.#dead[word]!
      kept += popcount(bits & ~gone)
      if (gone === 0) continue
      this.#recordHandle(slot, word, gone)
      const abandoned = control.extra(slot) + EXTRA.abandoned
      store(words, abandoned, words[abandoned]! + popcount(gone))
      store(words, row + word, bits & ~gone)
    }
    return kept
  }

  /** Before the bits go, or a kill in between would make the handle nobody's. */
  #recordHandle(slot: number, word: number, gone: number): void {
    const control = this.#control
    const handle = control.words[control.slot(slot) + SLOT.handle]!
    if (slot === control.mainRegionSlot) return
    for (let bits = gone; bits !== 0; bits &= bits - 1) {
      recordDeath(control, word * 32 + 31 - Math.clz32(bits & -bits), handle)
    }
  }

  /** Ours is never gone, as the dead set excludes us; no owner at all is nobody's. */
  #ownerIsGone(owner: number): boolean {
    const token = tokenOfOwner(owner)
    const member = memberOf(token)
    if (token === 0 || member < 0 || member >= this.#control.geometry.maxMembers) return true
    const at = this.#control.member(member) + MEMBER.generation
    if (Atomics.load(this.#control.words, at) !== generationOf(token)) return true
    if (isSet(this.#dead, member)) return true
    return memberOf(this.#token) !== member && !this.#file.probe(byteOf(token))
  }

  #bury(): void {
    const control = this.#control
    for (let member = 0; member < control.geometry.maxMembers; member++) {
      if (!isSet(this.#dead, member)) continue
      recordDeath(control, member, 0)
      publish(control.words, control.member(member) + MEMBER.live, 0)
      count(control, COUNTER.deaths)
    }
  }
}

const isSet = (bits: Int32Array, member: number): boolean =>
  (bits[member >> 5]! & (1 << (member & 31))) !== 0

/** What every store of ours keeps true; whatever breaks it was not ours. */
function slotsAreSane(control: ControlSegment): boolean {
  const { words, geometry } = control
  for (let slot = 0; slot < geometry.maxSegments; slot++) {
    const at = control.slot(slot)
    const refcnt = words[at + SLOT.refcnt]!
    if (refcnt === 0) continue
    const pinned = words[at + SLOT.pinned]!
    if (refcnt < 0 || refcnt > geometry.maxMembers + 2) return false
    if (words[at + SLOT.handle] === 0 || (pinned !== 0 && pinned !== 1)) return false
  }
  return true
}
