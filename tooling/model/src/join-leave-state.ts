/**
 * The state of the join/leave model as bytes, the readings that steps take of it, and what has to
 * hold in every state. Lives and lock files are numbered and their numbers used again once nothing
 * knows them, so that the model stays finite. No order of steps: those are in join-leave-steps.
 */
import { ABSENT, type JoinStep, READY, Step } from './join-leave-steps.js'
import type { JoinSlip } from './slips.js'

/** Numbers 1 … FILES of lives and of lock files. */
const FILES = 4

const KILLS = 0
/** The lock file that has the name; the life in the state file; 0: none. */
const LOCK_NAME = 1
const STATE = 2
/** Who has byte 0 of lock file n, plus 1. */
const GATES = 3
const OBJECTS = GATES + FILES
const SEGMENTS = OBJECTS + FILES
const MEMBERS_FILES = SEGMENTS + FILES
const SHARED_BYTES = MEMBERS_FILES + FILES
/** The step, the open lock file, the life, whether our byte in it is held. */
const OWN = { step: 0, gate: 1, life: 2, byte: 3, bytes: 4 } as const

export class JoinState {
  readonly slip: JoinSlip | null
  readonly width: number
  readonly kills = KILLS
  readonly #members: number
  broken: string | null = null
  w: Uint8Array

  constructor(members: number, slip: JoinSlip | null) {
    this.#members = members
    this.slip = slip
    this.width = SHARED_BYTES + members * OWN.bytes
    this.w = new Uint8Array(this.width)
  }

  step = (me: number): number => this.w[this.#own(me) + OWN.step]!

  goto(me: number, step: JoinStep): boolean {
    this.w[this.#own(me) + OWN.step] = Step[step]
    return true
  }

  life = (me: number): number => this.w[this.#own(me) + OWN.life]!
  setLife(me: number, life: number): void {
    this.w[this.#own(me) + OWN.life] = life
  }

  holdByte(me: number, held: 0 | 1): void {
    this.w[this.#own(me) + OWN.byte] = held
  }

  get named(): number {
    return this.w[STATE]!
  }
  set named(life: number) {
    this.w[STATE] = life
  }

  /** ABSENT, RAW (without its magic) or READY. */
  object = (life: number): number => this.w[OBJECTS + life - 1]!
  setObject(life: number, is: number): void {
    this.w[OBJECTS + life - 1] = is
  }
  setSegment(life: number, is: 0 | 1): void {
    this.w[SEGMENTS + life - 1] = is
  }
  setMembersFile(life: number, is: 0 | 1): void {
    this.w[MEMBERS_FILES + life - 1] = is
  }

  /** Does anybody but the asker hold a byte of this life? Its members' file has to be there. */
  attended(life: number, asker: number): boolean {
    if (this.w[MEMBERS_FILES + life - 1] === 0) return false
    for (let member = 0; member < this.#members; member++) {
      if (member === asker || this.w[this.#own(member) + OWN.byte] === 0) continue
      if (this.life(member) === life) return true
    }
    return false
  }

  /** A number that nothing knows, for a life. 0: the model is too small for another. */
  freshLife(): number {
    for (let life = 1; life <= FILES; life++) {
      const used = this.object(life) !== ABSENT || this.w[SEGMENTS + life - 1] !== 0
      const filed = this.w[MEMBERS_FILES + life - 1] !== 0 || this.named === life
      if (!used && !filed && !this.#known(life, OWN.life)) return life
    }
    return 0
  }

  /** Opens the lock file by its name; `create`: makes it. False: there is none. */
  openGate(me: number, create: boolean): boolean {
    for (let file = 1; create && this.w[LOCK_NAME] === 0 && file <= FILES; file++) {
      if (!this.#known(file, OWN.gate)) this.w[LOCK_NAME] = file
    }
    this.w[this.#own(me) + OWN.gate] = this.w[LOCK_NAME]!
    return this.w[LOCK_NAME] !== 0
  }

  takeGate(me: number): boolean {
    const at = GATES + this.w[this.#own(me) + OWN.gate]! - 1
    if (this.w[at] !== 0) return false
    this.w[at] = me + 1
    return true
  }

  gateIsNamed = (me: number): boolean => this.w[this.#own(me) + OWN.gate] === this.w[LOCK_NAME]

  /** Closes the lock file: byte 0 goes with it. */
  closeGate(me: number): void {
    const gate = this.w[this.#own(me) + OWN.gate]!
    if (gate !== 0 && this.w[GATES + gate - 1] === me + 1) this.w[GATES + gate - 1] = 0
    this.w[this.#own(me) + OWN.gate] = 0
  }

  removeGate(): void {
    this.w[LOCK_NAME] = 0
  }

  makeSegment(me: number): boolean {
    const at = SEGMENTS + this.life(me) - 1
    if (this.w[at] !== 0) return false
    this.w[at] = 1
    return true
  }

  /** The process ends; what the kernel holds for it goes later. */
  die(me: number): boolean {
    return this.goto(me, 'dead')
  }

  /** Everything of this process goes. */
  drop(me: number): void {
    this.closeGate(me)
    this.w.fill(0, this.#own(me), this.#own(me) + OWN.bytes)
  }

  allOut(): boolean {
    for (let me = 0; me < this.#members; me++) if (this.step(me) !== Step.out) return false
    return true
  }

  nothingLeft(): boolean {
    return this.w.subarray(LOCK_NAME, SHARED_BYTES).every(byte => byte === 0)
  }

  alwaysBroken(): string | null {
    let joined = 0
    for (let me = 0; me < this.#members; me++) {
      if (this.step(me) !== Step.member) continue
      if (this.object(this.life(me)) !== READY) return "a member's control segment is gone"
      if (joined !== 0 && joined !== this.life(me)) return 'two members in two lives'
      joined = this.life(me)
    }
    for (let life = 1; life <= FILES; life++) {
      const object = this.object(life) !== ABSENT
      const segment = this.w[SEGMENTS + life - 1] !== 0
      if (segment && !object) return 'a segment whose control segment is gone'
      const there = object || this.w[MEMBERS_FILES + life - 1] !== 0
      if (there && this.named !== life) return 'a life that the state file does not name'
    }
    return null
  }

  /** Anything there that is not of the life that `me` is in? */
  strayOf(me: number): string | null {
    for (let life = 1; life <= FILES; life++) {
      if (life !== this.life(me) && this.object(life) !== ABSENT) return 'a dead life stays'
    }
    return null
  }

  show(): string {
    const list = (from: number): string => this.w.subarray(from, from + FILES).join('')
    return [
      `lock file ${this.w[LOCK_NAME]}  byte 0 ${list(GATES)}  state ${this.named}`,
      `control ${list(OBJECTS)}  segments ${list(SEGMENTS)}  members ${list(MEMBERS_FILES)}`,
    ].join('  ')
  }

  #own = (me: number): number => SHARED_BYTES + me * OWN.bytes

  #known(number: number, field: number): boolean {
    for (let me = 0; me < this.#members; me++) {
      if (this.w[this.#own(me) + field] === number) return true
    }
    return false
  }
}
