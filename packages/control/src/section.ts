/**
 * Locked sections of one member, and the two ways in which one can end too early.
 *
 * Somebody died holding the lock: taking it runs `recover()`. What recovery left for this member to
 * finish is finished outside the lock, before the caller's own section begins.
 *
 * JavaScript was stopped in the middle of one of ours while we live on (a `vm` timeout, an overflow
 * of the stack): no `finally` runs then. So `busy` says that an operation is under way; sections
 * are synchronous, so whatever runs next and finds it set knows that it was cut, and `reconcile`
 * runs first. For that reason `busy` is cleared only where an operation is known to be whole.
 */
import { DsmError } from '@dsm/impl'
import {
  type DeathOracle,
  generationOf,
  memberOf,
  release,
  takeContended,
  tryTake,
} from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { count } from './counters.js'
import { B, COUNTER, MEMBER } from './layout.js'
import { tokenOfOwner } from './owner-word.js'
import type { Recovery } from './recovery.js'
import { probeStack } from './stack-probe.js'

/** In 4 kB. A section needs a few hundred bytes of stack; recovery and system calls some more. */
const SECTION_STACK = 1
const RECOVERY_STACK = 4
/** Node's own functions for files come on top of that. */
const LEAVING_STACK = 16

/** What a member does besides, when a section had to be repaired. */
export interface SectionOwner {
  /** Finishes, outside the lock, the slots that recovery gave to this member. */
  finishAdopted(): void
  /** Outside the lock: this member recovered, perhaps because its lock's last owner was dead. */
  recovered(tookOver: boolean): void
  /** Under the lock, after recovery: makes shared words agree with what this member really has. */
  reclaim(): void
}

export class Section {
  readonly #control: ControlSegment
  readonly #oracle: DeathOracle
  readonly #recovery: Recovery
  readonly #owner: SectionOwner
  readonly #timeoutMs: number
  readonly #token: number
  readonly #generation: number
  /** What every section looks at, and where. */
  readonly #words: Int32Array
  readonly #lock: number
  readonly #generationAt: number
  readonly #liveAt: number
  readonly #poisonedAt: number
  readonly #fencedAt: number
  #busy = false
  /** Between going live and signing off: the entry has to say so. */
  #live = false
  #removed = false
  /** To be told of when the operation is over. */
  #recovered = false
  #tookOver = false

  constructor(
    control: ControlSegment,
    oracle: DeathOracle,
    recovery: Recovery,
    owner: SectionOwner,
    timeoutMs: number,
  ) {
    this.#control = control
    this.#oracle = oracle
    this.#recovery = recovery
    this.#owner = owner
    this.#timeoutMs = timeoutMs
    this.#token = oracle.token
    this.#generation = generationOf(oracle.token)
    const entry = control.member(memberOf(oracle.token))
    this.#words = control.words
    this.#lock = control.lock
    this.#generationAt = entry + MEMBER.generation
    this.#liveAt = entry + MEMBER.live
    this.#poisonedAt = control.header(B.poisoned)
    this.#fencedAt = control.header(B.fenced)
  }

  /** @throws RangeError, with nothing touched, if there is not the stack for an operation. */
  assertRoom(): void {
    probeStack(SECTION_STACK)
  }

  /** As `assertRoom`, to leave the group. */
  assertRoomToLeave(): void {
    probeStack(LEAVING_STACK)
  }

  /** Starts an operation: before its first shared store. Repairs first what a cut one left. */
  begin(): void {
    if (this.#busy) this.#reconcile()
    probeStack(SECTION_STACK)
    this.#busy = true
  }

  /** As `begin`, where `assertRoom` was called before, by the same operation. */
  beginInRoom(): void {
    if (this.#busy) this.#reconcile()
    this.#busy = true
  }

  /** Ends an operation: after its last shared store. */
  end(): void {
    this.#busy = false
    if (this.#recovered) this.#tell()
  }

  #tell(): void {
    const tookOver = this.#tookOver
    this.#recovered = false
    this.#tookOver = false
    this.#owner.recovered(tookOver)
  }

  /** Starts an operation and its first section. If that throws, there is nothing to end. */
  beginAndEnter(): void {
    this.begin()
    const taken = tryTake(this.#words, this.#lock, this.#token)
    if (!taken || !this.#isUsable() || !this.#isOpen()) this.#enterInTrouble(taken)
  }

  #enterInTrouble(taken: boolean): void {
    try {
      if (!taken) this.#contend()
      if (!this.#isUsable()) this.#refuse()
      if (!this.#isOpen()) this.#refuseNew()
    } catch (error) {
      if (DsmError.isInstance(error)) this.#busy = false // anything else may have cut it
      throw error
    }
  }

  /** True if an operation was cut, or is on the stack right now. */
  get busy(): boolean {
    return this.#busy
  }

  /** Mends what a cut operation left, if there is one. From the event loop only. */
  mend(): void {
    if (this.#busy) this.#reconcile()
  }

  /**
   * Takes the lock for work that this life still allows.
   * @throws DSM_CLOSED, DSM_REMOVED, DSM_CORRUPT, DSM_FENCED, DSM_LOCK_TIMEOUT; the lock is not
   *   held then.
   */
  enter(): void {
    this.enterAlways()
    if (!this.#isOpen()) this.#refuseNew()
  }

  /** Does this life still allow new work? */
  #isOpen(): boolean {
    return this.#words[this.#fencedAt] === 0 && !this.#removed
  }

  #refuseNew(): never {
    this.leave()
    throw this.#removed ? removed() : shutDown()
  }

  /** From here on, or no longer, an entry that is not live means that others took us for dead. */
  expectLive(live: boolean): void {
    this.#live = live
  }

  /** The name of the control segment was removed by somebody else: nobody can join any more. */
  markRemoved(): void {
    this.#removed = true
  }

  /** As `enter`, also in a life that was shut down: to finish and to leave. */
  enterAlways(): void {
    if (!tryTake(this.#words, this.#lock, this.#token)) this.#contend()
    if (!this.#isUsable()) this.#refuse()
  }

  /**
   * Takes the lock to become live under it. True: from a dead owner. Then the caller recovers in
   * this very section: one that adopted slots and let go before its entry is live would be missed
   * by everybody, should it die in between.
   */
  enterToJoin(): boolean {
    const words = this.#words
    const lock = this.#lock
    probeStack(RECOVERY_STACK)
    const tookOver =
      !tryTake(words, lock, this.#token) &&
      takeContended(words, lock, this.#oracle, this.#timeoutMs) !== 'taken'
    if (!this.#isUsable()) this.#refuse()
    if (tookOver) this.#countTakeover()
    return tookOver
  }

  #countTakeover(): void {
    this.#tookOver = true
    count(this.#control, COUNTER.takeovers)
  }

  /** Does the lock word name somebody who is dead? Takes no lock; for the sweep. */
  get ownerIsDead(): boolean {
    const owner = tokenOfOwner(Atomics.load(this.#words, this.#lock))
    return owner !== 0 && owner !== this.#token && this.#oracle.isDead(owner)
  }

  /** Under the lock: is this member, and is this life, what it was? */
  #isUsable(): boolean {
    const words = this.#words
    if (words[this.#generationAt] !== this.#generation) return false
    if (words[this.#liveAt] === 0 && this.#live) return false
    return words[this.#poisonedAt] === 0
  }

  #refuse(): never {
    const words = this.#words
    const ours = words[this.#generationAt] === this.#generation
    const fenced = !ours || (this.#live && words[this.#liveAt] === 0)
    this.leave()
    throw fenced ? fencedOut() : poisoned()
  }

  leave(): void {
    release(this.#words, this.#lock, this.#token)
  }

  /** Under the lock: recovery now, because something ran out or somebody died. */
  recover(as: 'member' | 'joining' = 'member'): void {
    this.#recovered = true
    if (this.#recovery.run(as === 'joining')) return
    this.leave()
    throw poisoned()
  }

  #contend(): void {
    const words = this.#words
    const lock = this.#lock
    probeStack(RECOVERY_STACK)
    while (takeContended(words, lock, this.#oracle, this.#timeoutMs) !== 'taken') {
      this.#countTakeover()
      this.recover()
      this.leave()
      this.#owner.finishAdopted()
      if (tryTake(words, lock, this.#token)) return
    }
  }

  /** An operation of ours was cut: goes on with the lock, or takes it, and mends. */
  #reconcile(): void {
    probeStack(RECOVERY_STACK)
    const owner = tokenOfOwner(Atomics.load(this.#words, this.#lock))
    if (owner !== this.#token) this.enterAlways()
    this.recover()
    this.#owner.reclaim()
    count(this.#control, COUNTER.reconciled)
    this.leave()
    this.#owner.finishAdopted()
    this.#busy = false
  }
}

const shutDown = (): DsmError =>
  new DsmError(
    'DSM_CLOSED',
    'this life of the group was shut down; open the group again to begin another',
    { op: 'lock' },
  )

const removed = (): DsmError =>
  new DsmError(
    'DSM_REMOVED',
    "the group's control segment was removed by another program (a cleaner of /dev/shm, or " +
      "systemd's RemoveIPC at log-out); mappings stay usable. Close this member and open the " +
      'group again',
    { op: 'lock' },
  )

const fencedOut = (): DsmError =>
  new DsmError(
    'DSM_FENCED',
    'the others took this member for dead (was its lock file descriptor closed?) and gave its ' +
      'entry away; close it and open the group again',
    { op: 'lock' },
  )

const poisoned = (): DsmError =>
  new DsmError(
    'DSM_CORRUPT',
    "the group's control segment is damaged beyond repair; mappings stay usable. Close every " +
      'member; the next one to open the group begins another life',
    { op: 'lock' },
  )
