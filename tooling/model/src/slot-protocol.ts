/**
 * What every step of the slots model is made of: the state with the readings that the protocol
 * takes of it (the oracle, whose slot is whose, which is free) and the acts that several steps
 * share (giving the lock back, removing an object). Neither an order of steps nor a bound.
 */
import type { SlotSlip } from './slips.js'
import {
  type Bounds,
  DYING,
  ENTRY,
  generationOf,
  LOCK,
  memberOf,
  OBJECTS,
  OWN,
  SLOT,
  SlotState,
  STRANGER,
} from './slot-state.js'
import { Step } from './slot-steps.js'

export class SlotProtocol extends SlotState {
  readonly slip: SlotSlip | null
  /** What the step did wrong; the model clears it before each. */
  broken: string | null = null

  constructor(bounds: Bounds, slip: SlotSlip | null) {
    super(bounds)
    this.slip = slip
  }

  /** As `DeathOracle.isDead`: by the entry's generation, or by the byte of that incarnation. */
  isDead(asker: number, token: number): boolean {
    const member = memberOf(token)
    const generation = generationOf(token)
    const entry = this.entry(member)
    if (this.w[entry + ENTRY.generation] !== generation) return true
    if (member === asker) return this.slip === 'askSelf'
    const byte = this.w[entry + ENTRY.byte]!
    return this.slip === 'oneByte' ? byte === 0 : byte !== generation + 1
  }

  /** As `Recovery.#takeDead`: a bit for each. */
  deadSet(asker: number, joining: boolean): number {
    let dead = 0
    for (let member = 0; member < this.bounds.members; member++) {
      if (this.w[this.entry(member) + ENTRY.live] === 0) continue
      const gone = member === asker && joining ? true : this.isDead(asker, this.token(member))
      if (gone) dead |= 1 << member
    }
    return dead
  }

  /** As `Recovery.#ownerIsGone`: by the dead set as it was taken, else by the oracle. */
  ownerIsGone(asker: number, owner: number): boolean {
    if (owner === 0) return true
    if (this.slip === 'finishLiving' && owner >= DYING) return true
    const member = memberOf(owner)
    if (this.w[this.entry(member) + ENTRY.generation] !== generationOf(owner)) return true
    if ((this.w[this.own(asker) + OWN.dead]! & (1 << member)) !== 0) return true
    return this.isDead(asker, owner & ~DYING)
  }

  /** As `Removals.#isOurs`. -1: there is none. */
  dyingSlotOf(member: number): number {
    const underWay = this.w[this.own(member) + OWN.underWay]!
    for (let slot = 0; slot < this.bounds.slots; slot++) {
      const at = this.slot(slot)
      if (this.w[at + SLOT.refcnt] !== 1 || (underWay & (1 << slot)) !== 0) continue
      if (this.w[at + SLOT.owner] === (this.token(member) | DYING)) return slot
    }
    return -1
  }

  ownsAnything(member: number): boolean {
    for (let slot = 0; slot < this.bounds.slots; slot++) {
      const at = this.slot(slot)
      if (this.w[at + SLOT.refcnt] !== 1) continue
      if ((this.w[at + SLOT.owner]! & ~DYING) === this.token(member)) return true
    }
    return false
  }

  freeSlot(): number {
    for (let slot = 0; slot < this.bounds.slots; slot++) {
      if (this.w[this.slot(slot) + SLOT.refcnt] === 0) return slot
    }
    return -1
  }

  nameInUse(name: number): boolean {
    for (let slot = 0; slot < this.bounds.slots; slot++) {
      const refcnt = this.w[this.slot(slot) + SLOT.refcnt]!
      if (refcnt === 0 || (this.slip === 'dyingNotUnique' && refcnt === 1)) continue
      if (this.w[this.slot(slot) + SLOT.name] === name) return true
    }
    return false
  }

  hasReference(member: number, slot: number): boolean {
    return (this.w[this.slot(slot) + SLOT.row]! & (1 << member)) !== 0
  }

  /** Owner, then refcnt = 1: the two stores of `recordMaking` and `recordRemoving`. */
  recordHalfDone(which: 'first' | 'second', slot: number, owner: number): void {
    const ownerFirst = this.slip !== 'ownerAfterRefcnt'
    if ((which === 'first') === ownerFirst) this.w[this.slot(slot) + SLOT.owner] = owner
    else this.w[this.slot(slot) + SLOT.refcnt] = 1
  }

  unlock(member: number): void {
    if (this.w[LOCK] !== this.token(member)) this.broken = 'the lock was not held, and given back'
    this.w[LOCK] = 0
  }

  /** As `DsmNamespace.destroy`, with evidence that never errs about strangers. */
  destroy(slot: number): void {
    const at = OBJECTS + this.w[this.slot(slot) + SLOT.name]!
    const object = this.w[at]!
    if (object === 0) return
    if (object === STRANGER) {
      if (this.slip !== 'foreignRemoved') return
      this.broken = "a stranger's object was removed"
    } else if (object !== this.object(slot)) {
      this.broken = 'the object of another segment was removed'
    }
    this.w[at] = 0
  }

  /** The operation is over. */
  end(member: number): void {
    this.w[this.own(member) + OWN.busy] = 0
    this.unwind(member, Step.idle)
  }
}

/** One step of a member; false: it has to wait, and what was written does not count. */
export type Action = (p: SlotProtocol, me: number, arg: number) => boolean
