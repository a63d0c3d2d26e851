/**
 * The join/leave model: byte 0 of the lock file (which can be removed while somebody waits for
 * it), the state file, making a life, cleaning a dead one, leaving last. Stands for `gate.ts`,
 * `open-group.ts`, `dead-lives.ts`, `life.ts` and `leave-group.ts`. What happens inside a life is
 * the slots model's; here it is one segment that is or is not there. Ended lives beside a living
 * one (shutdown, poison) and pinned segments that outlive their members are not modelled.
 */
import type { Emit, Model } from './explorer.js'
import { JoinState } from './join-leave-state.js'
import { ACTIONS, type JoinStep, STEPS, Step } from './join-leave-steps.js'
import type { JoinSlip } from './slips.js'

export interface JoinBounds {
  readonly members: number
  readonly kills: number
}

/** More steps than any open takes. */
const OPEN_STEPS_MAX = 60

export class JoinLeaveModel implements Model {
  readonly width: number
  readonly next: Uint8Array
  readonly #s: JoinState
  readonly #scratch: Uint8Array
  readonly #kills: number
  readonly #members: number

  constructor({ members, kills }: JoinBounds, slip: JoinSlip | null = null) {
    this.#s = new JoinState(members, slip)
    this.#members = members
    this.#kills = kills
    this.width = this.#s.width
    this.next = new Uint8Array(this.width)
    this.#scratch = new Uint8Array(this.width)
  }

  start(state: Uint8Array): void {
    state.fill(0)
  }

  successors(from: Uint8Array, emit: Emit): void {
    for (let me = 0; me < this.#members; me++) {
      this.#load(from)
      const step = this.#s.step(me)
      if (ACTIONS[STEPS[step]!](this.#s, me)) emit(`p${me} ${STEPS[step]}`, this.#s.broken)
      if (step === Step.out || step === Step.dead) continue
      this.#others(from, me, STEPS[step]!, emit)
    }
  }

  /** What else can happen to somebody who is about to take `step`. */
  #others(from: Uint8Array, me: number, step: JoinStep, emit: Emit): void {
    const s = this.#s
    const instead = (label: string, act: () => boolean): void => {
      this.#load(from)
      if (act()) emit(`p${me} ${label}`, s.broken)
    }
    if (step === 'member') instead('makes a segment', () => s.makeSegment(me))
    if (step === 'joinByte') instead('finds no free entry', () => s.goto(me, 'failLook'))
    if (this.#kills <= from[s.kills]!) return
    instead(`KILLED before ${step}`, () => {
      s.w[s.kills]!++
      return s.die(me)
    })
    if (step !== 'leaveGate') return
    instead('waits too long for byte 0, leaves by death', () => {
      s.w[s.kills]!++
      s.drop(me)
      return true
    })
  }

  #load(from: Uint8Array): void {
    this.next.set(from)
    this.#s.w = this.next
    this.#s.broken = null
  }

  check(state: Uint8Array): string | null {
    const s = this.#s
    s.w = state
    const broken = s.alwaysBroken()
    if (broken !== null) return broken
    if (!s.allOut()) return this.#anyStep(state) ? null : 'nobody can go on'
    if (state[s.kills] === 0 && !s.nothingLeft()) return 'all have left, and something is there'
    return this.#canOpen(state)
  }

  #anyStep(state: Uint8Array): boolean {
    for (let me = 0; me < this.#members; me++) {
      this.#scratch.set(state)
      this.#s.w = this.#scratch
      const step = this.#s.step(me)
      if (step !== Step.out && ACTIONS[STEPS[step]!](this.#s, me)) return true
    }
    return false
  }

  /** Whatever is left when all are out, the next one can join, and cleans it. */
  #canOpen(state: Uint8Array): string | null {
    this.#scratch.set(state)
    const s = this.#s
    s.w = this.#scratch
    s.broken = null
    for (let steps = 0; steps < OPEN_STEPS_MAX; steps++) {
      if (s.step(0) === Step.member) return s.broken ?? s.alwaysBroken() ?? s.strayOf(0)
      if (!ACTIONS[STEPS[s.step(0)]!](s, 0)) break
    }
    return 'nobody can join any more'
  }

  show(state: Uint8Array): string {
    this.#s.w = state
    return this.#s.show()
  }
}
