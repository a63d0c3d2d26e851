/**
 * The state of the slots model as bytes: what is shared (lock word, slots, references, entries),
 * what the kernel keeps (objects, members' bytes), and what each member has privately (its stack
 * of steps, its column). Only where things lie and small readings of it; no step of the protocol.
 *
 * A token is generation · 8 + member + 1, in the lock word and, with DYING, in owner words. An
 * object is 1 + slot · 4 + the use of the slot that made it, so that another's is told apart.
 */
import { Step } from './slot-steps.js'

export interface Bounds {
  readonly members: number
  readonly slots: number
  /** Names of objects; fewer than slots make uniqueness matter. */
  readonly names: number
  readonly kills: number
  readonly cuts: number
  /** Objects of strangers that appear under names of ours. */
  readonly foreign: number
  /** Times that each entry of the member table is taken. */
  readonly lives: number
}

export const LOCK = 0
export const KILLS = 1
export const CUTS = 2
export const FOREIGN = 3
export const OBJECTS = 4

export const SLOT = { refcnt: 0, name: 1, owner: 2, row: 3, use: 4, bytes: 5 } as const
export const ENTRY = { generation: 0, live: 1, byte: 2, bytes: 3 } as const
/** Private; after these the column, then the stack of steps. */
export const OWN = { depth: 0, index: 1, dead: 2, busy: 3, underWay: 4, bytes: 5 } as const

export const DYING = 0x80
export const STRANGER = 0xff

export const memberOf = (token: number): number => (token & 7) - 1
export const generationOf = (token: number): number => (token & ~DYING) >> 3

export class SlotState {
  readonly bounds: Bounds
  readonly width: number
  readonly stackDepth: number
  readonly #slots: number
  readonly #entries: number
  readonly #own: number
  readonly #ownBytes: number
  /** The state that is read and written. */
  w: Uint8Array

  constructor(bounds: Bounds) {
    this.bounds = bounds
    this.stackDepth = 2 * bounds.slots + 4
    this.#slots = OBJECTS + bounds.names
    this.#entries = this.#slots + bounds.slots * SLOT.bytes
    this.#own = this.#entries + bounds.members * ENTRY.bytes
    this.#ownBytes = OWN.bytes + bounds.slots + this.stackDepth
    this.width = this.#own + bounds.members * this.#ownBytes
    this.w = new Uint8Array(this.width)
  }

  slot(slot: number): number {
    return this.#slots + slot * SLOT.bytes
  }

  entry(member: number): number {
    return this.#entries + member * ENTRY.bytes
  }

  own(member: number): number {
    return this.#own + member * this.#ownBytes
  }

  /** Where the column of `member` says which use of `slot` it is attached to, plus 1. */
  column(member: number, slot: number): number {
    return this.own(member) + OWN.bytes + slot
  }

  token(member: number): number {
    return (this.w[this.entry(member)]! << 3) | (member + 1)
  }

  /** The step that a member takes next. */
  step(member: number): number {
    return this.w[this.#top(member)]! & 0x3f
  }

  /** The slot (or the name, or a flag) that the step is about. */
  arg(member: number): number {
    return this.w[this.#top(member)]! >> 6
  }

  /** Where the operation itself goes on, whatever it has called. */
  bottom(member: number): number {
    return this.w[this.column(member, this.bounds.slots)]! & 0x3f
  }

  goto(member: number, step: number, arg: number): void {
    this.w[this.#top(member)] = step | (arg << 6)
  }

  /** `then` is where it goes on after `step` has returned. */
  call(member: number, step: number, arg: number, then: number, thenArg: number): void {
    this.goto(member, then, thenArg)
    const depth = this.own(member) + OWN.depth
    this.w[depth]!++
    if (this.w[depth]! >= this.stackDepth) throw new Error('the stack of steps is too small')
    this.goto(member, step, arg)
  }

  back(member: number): void {
    this.w[this.#top(member)] = 0
    this.w[this.own(member) + OWN.depth]!--
  }

  /** As after a return to the event loop, or an end: no step on the stack but this one. */
  unwind(member: number, step: number): void {
    const own = this.own(member)
    const stack = this.column(member, this.bounds.slots)
    this.w.fill(0, stack, stack + this.stackDepth)
    this.w[own + OWN.depth] = 0
    this.w[own + OWN.index] = 0
    this.w[own + OWN.dead] = 0
    this.goto(member, step, 0)
  }

  /** Dead or signed off: nothing private is left. */
  vanish(member: number, step: number): void {
    const own = this.own(member)
    this.w.fill(0, own, own + this.#ownBytes)
    this.goto(member, step, 0)
  }

  object(slot: number): number {
    return 1 + slot * 4 + this.w[this.slot(slot) + SLOT.use]!
  }

  alive(member: number): boolean {
    const step = this.step(member)
    return step !== Step.out && step !== Step.dead
  }

  #top(member: number): number {
    return this.column(member, this.bounds.slots) + this.w[this.own(member) + OWN.depth]!
  }
}

export function popcount(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count++
  return count
}
