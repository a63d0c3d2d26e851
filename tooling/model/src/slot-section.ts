/**
 * The steps below every operation: taking the lock, recovery store by store, and removing what
 * recovery or a last detach left to this member. They stand for `lock-word.ts`, `section.ts`,
 * `recovery.ts` and `removal.ts`; waiting is a step that cannot be taken yet, so the waiters bit,
 * sleeping and deadlines are not here.
 */
import type { Action, SlotProtocol } from './slot-protocol.js'
import { DYING, ENTRY, LOCK, OWN, popcount, SLOT } from './slot-state.js'
import { Step } from './slot-steps.js'

/** Takes the lock next; `then` follows with the lock held. */
export const enter = (p: SlotProtocol, me: number, then: number, arg: number): boolean => {
  p.call(me, Step.acquire, 0, then, arg)
  return true
}

const acquire: Action = (p, me) => {
  const word = p.w[LOCK]!
  const token = p.token(me)
  const free = word === 0
  if (!free && word !== token && !p.isDead(me, word)) return false
  p.w[LOCK] = token
  if (free) p.back(me)
  else if (p.bottom(me) === Step.joinRecover && p.slip !== 'joinLate') joinTakesOver(p, me)
  else p.call(me, Step.takeDead, 0, Step.takenOver, 0)
  return true
}

/** One section from the takeover to `live`: what a joiner takes over has to name a live entry. */
const joinTakesOver = (p: SlotProtocol, me: number): void => {
  p.back(me)
  p.goto(me, Step.joinRecover, 1)
}

const takenOver: Action = (p, me) => {
  p.unlock(me)
  p.goto(me, Step.finishAdopted, 0)
  return true
}

const finishAdopted: Action = (p, me) => {
  const slot = leavesThem(p, me) ? -1 : p.dyingSlotOf(me)
  if (slot < 0) {
    p.goto(me, Step.acquire, 0)
    return acquire(p, me, 0)
  }
  p.call(me, Step.removeObject, slot, Step.finishAdopted, 0)
  return removeObject(p, me, slot)
}

const leavesThem = (p: SlotProtocol, me: number): boolean => {
  if (p.slip !== 'leaveOwning') return false
  const bottom = p.bottom(me)
  return bottom >= Step.leaveReclaim && bottom <= Step.leaveByte
}

const takeDead: Action = (p, me, joining) => {
  p.w[p.own(me) + OWN.dead] = p.deadSet(me, joining !== 0)
  p.w[p.own(me) + OWN.index] = 0
  p.goto(me, p.slip === 'liveFirst' ? Step.bury : Step.settle, joining)
  return true
}

/** One store of one slot, however many slots need none before it. */
const settle: Action = (p, me, joining) => {
  const index = p.own(me) + OWN.index
  for (; p.w[index]! < p.bounds.slots; p.w[index]!++) {
    if (settleOne(p, me, p.w[index]!, joining)) return true
  }
  if (p.slip === 'liveFirst') return recovered(p, me)
  p.goto(me, Step.bury, joining)
  return bury(p, me, joining)
}

/** True: something was stored. */
function settleOne(p: SlotProtocol, me: number, slot: number, joining: number): boolean {
  const at = p.slot(slot)
  const refcnt = p.w[at + SLOT.refcnt]!
  const owner = p.w[at + SLOT.owner]!
  if (refcnt === 0) return false
  const gone = p.w[at + SLOT.row]! & p.w[p.own(me) + OWN.dead]!
  if (gone !== 0) {
    p.w[at + SLOT.row]! &= ~gone
    return true
  }
  const kept = popcount(p.w[at + SLOT.row]!)
  if (refcnt === 1 || kept === 0) {
    if (refcnt === 1 && (!p.ownerIsGone(me, owner) || p.slip === 'noAdoption')) return false
    p.recordHalfDone('first', slot, p.token(me) | DYING)
    p.goto(me, Step.takeOverRefcnt, joining)
    return true
  }
  if (owner !== 0) p.w[at + SLOT.owner] = 0
  else if (refcnt !== kept + 1) p.w[at + SLOT.refcnt] = kept + 1
  else return false
  return true
}

const takeOverRefcnt: Action = (p, me, joining) => {
  const index = p.own(me) + OWN.index
  p.recordHalfDone('second', p.w[index]!, p.token(me) | DYING)
  p.w[index]!++
  p.goto(me, Step.settle, joining)
  return true
}

const bury: Action = (p, me, joining) => {
  const own = p.own(me)
  if (p.slip === 'deadTwice') p.w[own + OWN.dead] = p.deadSet(me, joining !== 0)
  const dead = p.w[own + OWN.dead]!
  for (let member = 0; member < p.bounds.members; member++) {
    const left = p.w[p.entry(member) + ENTRY.live] !== 0
    if ((dead & (1 << member)) === 0 || !left) continue
    p.w[p.entry(member) + ENTRY.live] = 0
    return true
  }
  if (p.slip !== 'liveFirst') return recovered(p, me)
  p.goto(me, Step.settle, joining)
  return true
}

function recovered(p: SlotProtocol, me: number): boolean {
  p.w[p.own(me) + OWN.dead] = 0
  p.w[p.own(me) + OWN.index] = 0
  p.back(me)
  return true
}

/** Outside the lock. */
const removeObject: Action = (p, me, slot) => {
  p.w[p.own(me) + OWN.underWay]! |= 1 << slot
  if (p.slip !== 'freeFirst') p.destroy(slot)
  return enter(p, me, Step.freeRow, slot)
}

const freeRow: Action = (p, me, slot) => {
  if (p.slip !== 'rowKept') p.w[p.slot(slot) + SLOT.row] = 0
  p.goto(me, Step.freeRefcnt, slot)
  return true
}

const freeRefcnt: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.refcnt] = 0
  p.goto(me, Step.freeOwner, slot)
  return true
}

const freeOwner: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.owner] = 0
  p.goto(me, Step.freed, slot)
  return true
}

const freed: Action = (p, me, slot) => {
  p.unlock(me)
  p.w[p.own(me) + OWN.underWay]! &= ~(1 << slot)
  if (p.slip === 'freeFirst') p.destroy(slot)
  if (p.w[p.own(me) + OWN.depth] === 0) p.end(me)
  else p.back(me)
  return true
}

/** Removes the next of our dying slots, if there is one, and comes back to the step `then`. */
export function finishNext(p: SlotProtocol, me: number, then: number, arg: number): boolean {
  const slot = p.dyingSlotOf(me)
  if (slot < 0) return false
  p.call(me, Step.removeObject, slot, then, arg)
  return removeObject(p, me, slot)
}

const finishAll: Action = (p, me) => {
  if (!finishNext(p, me, Step.finishAll, 0)) p.end(me)
  return true
}

const unlockFinishAll: Action = (p, me) => {
  p.unlock(me)
  p.goto(me, Step.finishAll, 0)
  return true
}

export const sectionActions = {
  acquire,
  takenOver,
  finishAdopted,
  takeDead,
  settle,
  takeOverRefcnt,
  bury,
  removeObject,
  freeRow,
  freeRefcnt,
  freeOwner,
  freed,
  finishAll,
  unlockFinishAll,
} satisfies Record<string, Action>
