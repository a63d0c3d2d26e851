/**
 * The slots model: what can happen next in a state. Every member takes its next step, begins an
 * operation, is killed or cut; the kernel drops a dead member's byte, later, as a step of its own;
 * an object of a stranger appears. Sequentially consistent, one shared store or one system call a
 * step. The order of steps is the protocol's (slot-section, slot-create, slot-operations).
 */
import type { Emit, Model } from './explorer.js'
import type { SlotSlip } from './slips.js'
import { createActions } from './slot-create.js'
import { alwaysBroken, leftBroken, quiescent, sweptBroken, wasCut } from './slot-invariants.js'
import { operationActions } from './slot-operations.js'
import { type Action, SlotProtocol } from './slot-protocol.js'
import { enter, sectionActions } from './slot-section.js'
import {
  type Bounds,
  CUTS,
  ENTRY,
  FOREIGN,
  KILLS,
  LOCK,
  OBJECTS,
  OWN,
  SLOT,
  STRANGER,
} from './slot-state.js'
import { NAMES, Step, type StepName } from './slot-steps.js'

const TABLE: Partial<Record<StepName, Action>> = {
  ...sectionActions,
  ...createActions,
  ...operationActions,
}
const ACTIONS = NAMES.map(name => TABLE[name])
/** More steps than any sweep takes. */
const SWEEP_STEPS_MAX = 400

export class SlotModel implements Model {
  readonly width: number
  readonly next: Uint8Array
  readonly #p: SlotProtocol
  readonly #scratch: Uint8Array
  #from: Uint8Array = new Uint8Array()
  #emit: Emit = () => {}

  constructor(bounds: Bounds, slip: SlotSlip | null = null) {
    this.#p = new SlotProtocol(bounds, slip)
    this.width = this.#p.width
    this.next = new Uint8Array(this.width)
    this.#scratch = new Uint8Array(this.width)
  }

  start(state: Uint8Array): void {
    state.fill(0)
  }

  successors(from: Uint8Array, emit: Emit): void {
    this.#from = from
    this.#emit = emit
    for (let member = 0; member < this.#p.bounds.members; member++) this.#member(member)
    if (from[FOREIGN]! >= this.#p.bounds.foreign) return
    for (let name = 0; name < this.#p.bounds.names; name++) {
      if (from[OBJECTS + name] !== 0) continue
      const p = this.#fresh()
      p.w[FOREIGN]!++
      p.w[OBJECTS + name] = STRANGER
      emit(`a stranger's object appears under name ${name}`, null)
    }
  }

  #fresh(): SlotProtocol {
    this.next.set(this.#from)
    this.#p.w = this.next
    this.#p.broken = null
    return this.#p
  }

  #member(member: number): void {
    const p = this.#fresh()
    const step = p.step(member)
    if (step === Step.dead) this.#drop(p, member)
    else if (step === Step.out) this.#join(p, member)
    else {
      if (step === Step.idle) this.#begin(member)
      else this.#advance(p, member, step)
      this.#kill(member)
      this.#cut(member)
    }
  }

  #drop(p: SlotProtocol, member: number): void {
    p.w[p.entry(member) + ENTRY.byte] = 0
    p.vanish(member, Step.out)
    this.#emit(`p${member} kernel drops the byte`, null)
  }

  #join(p: SlotProtocol, member: number): void {
    const generation = p.w[p.entry(member) + ENTRY.generation]!
    if (generation >= p.bounds.lives) return
    p.w[p.entry(member) + ENTRY.byte] = generation + 2
    p.goto(member, Step.joinGeneration, 0)
    this.#emit(`p${member} opens: takes its byte`, null)
  }

  #advance(p: SlotProtocol, member: number, step: number): void {
    const slot = p.arg(member)
    if (!ACTIONS[step]!(p, member, slot)) return
    this.#emit(`p${member} ${NAMES[step]} ${slot}`, p.broken)
    if (step !== Step.attachMap) return
    enter(this.#fresh(), member, Step.detachReference, slot)
    this.#emit(`p${member} cannot map ${slot}`, null)
  }

  #begin(member: number): void {
    if (wasCut(this.#fresh(), member)) {
      if (beginMending(this.#p, member)) this.#emit(`p${member} mends`, null)
      return
    }
    const { slots, names } = this.#p.bounds
    for (let name = 0; name < names; name++) {
      enter(this.#fresh(), member, Step.createFind, name)
      this.#emit(`p${member} creates ${name}`, null)
    }
    let attached = false
    for (let slot = 0; slot < slots; slot++) {
      const p = this.#fresh()
      if (p.w[p.column(member, slot)] !== 0) {
        attached = true
        p.goto(member, Step.detachUnmap, slot)
        this.#emit(`p${member} detaches ${slot}`, null)
      } else if (p.w[p.slot(slot) + SLOT.refcnt]! > 1) {
        enter(p, member, Step.attachReference, slot)
        this.#emit(`p${member} attaches ${slot}`, null)
      }
    }
    if (beginSweep(this.#fresh(), member)) this.#emit(`p${member} sweeps`, null)
    if (attached) return
    enter(this.#fresh(), member, Step.leaveReclaim, 0)
    this.#emit(`p${member} leaves`, null)
  }

  #kill(member: number): void {
    const p = this.#fresh()
    if (p.w[KILLS]! >= p.bounds.kills) return
    const at = NAMES[p.step(member)]!
    p.w[KILLS]!++
    p.vanish(member, Step.dead)
    this.#emit(`p${member} KILLED before ${at}`, null)
  }

  /** JavaScript is stopped and its environment lives on. Not while joining or leaving. */
  #cut(member: number): void {
    const p = this.#fresh()
    const bottom = p.bottom(member)
    if (p.w[CUTS]! >= p.bounds.cuts || bottom === Step.idle) return
    if (bottom >= Step.joinGeneration && bottom <= Step.joinUnlock) return
    if (bottom >= Step.leaveReclaim && bottom <= Step.leaveByte) return
    const at = NAMES[p.step(member)]!
    p.w[CUTS]!++
    p.unwind(member, Step.idle)
    if (p.slip !== 'noReconcile') p.w[p.own(member) + OWN.busy] = 1
    this.#emit(`p${member} CUT before ${at}`, null)
  }

  check(state: Uint8Array): string | null {
    this.#p.w = state
    const broken = alwaysBroken(this.#p) ?? leftBroken(this.#p)
    if (broken !== null || !quiescent(this.#p)) return broken
    this.#scratch.set(state)
    this.#p.w = this.#scratch
    this.#p.broken = null
    const left = sweptBroken(this.#p, member => this.#sweep(member))
    return this.#p.broken ?? left
  }

  /** A whole sweep, with nobody in between. False: it cannot go on. */
  #sweep(member: number): boolean {
    const p = this.#p
    if (!beginMending(p, member) && !beginSweep(p, member)) return true
    for (let steps = 0; steps < SWEEP_STEPS_MAX; steps++) {
      const step = p.step(member)
      if (step === Step.idle) return true
      if (!ACTIONS[step]!(p, member, p.arg(member))) return false
    }
    return false
  }

  show(state: Uint8Array): string {
    this.#p.w = state
    const p = this.#p
    const { members, slots, names } = p.bounds
    const list = (count: number, one: (index: number) => string): string =>
      Array.from({ length: count }, (_, index) => one(index)).join(' ')
    const slot = (at: number): string =>
      `[${state[at]} name ${state[at + 1]} owner ${state[at + 2]} row ${state[at + 3]}]`
    const member = (at: number): string =>
      `${state[at]}${state[at + 1] ? ' live' : ''} byte ${state[at + 2]},`
    return [
      `lock ${state[LOCK]}`,
      list(slots, index => slot(p.slot(index))),
      `objects ${list(names, index => String(state[OBJECTS + index]))}`,
      `entries ${list(members, index => member(p.entry(index)))}`,
    ].join('  ')
  }
}

function beginSweep(p: SlotProtocol, member: number): boolean {
  const dead = p.deadSet(member, false) !== 0
  const holder = p.slip === 'sweepBlind' ? 0 : p.w[LOCK]!
  const left = holder !== 0 && p.isDead(member, holder)
  if (!dead && !left && p.dyingSlotOf(member) < 0) return false
  return enter(p, member, Step.sweepRecover, dead ? 1 : 0)
}

function beginMending(p: SlotProtocol, member: number): boolean {
  if (!wasCut(p, member)) return false
  if (p.w[LOCK] !== p.token(member)) return enter(p, member, Step.mendRecover, 0)
  p.goto(member, Step.mendRecover, 0)
  return true
}
