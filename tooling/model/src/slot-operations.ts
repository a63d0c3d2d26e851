/**
 * The other operations of a member: joining, attaching, detaching, sweeping, mending after a cut
 * and leaving. They stand for `registration.ts`, `member.ts` and `column.ts`. Byte 0 is left out:
 * joins and leaves meet each other freely here (join-leave.ts has it), and so are pins, names and
 * the main region.
 */
import type { Action, SlotProtocol } from './slot-protocol.js'
import { enter, finishNext } from './slot-section.js'
import { DYING, ENTRY, OBJECTS, OWN, SLOT } from './slot-state.js'
import { Step } from './slot-steps.js'

const joinGeneration: Action = (p, me) => {
  p.w[p.entry(me) + ENTRY.generation]!++
  return enter(p, me, Step.joinRecover, 0)
}

const joinRecover: Action = (p, me, takenOver) => {
  if (takenOver === 0 && p.w[p.entry(me) + ENTRY.live] === 0) return joinLive(p, me, 0)
  p.call(me, Step.takeDead, 1, Step.joinLive, 0)
  return true
}

const joinLive: Action = (p, me) => {
  p.w[p.entry(me) + ENTRY.live] = 1
  p.goto(me, Step.joinUnlock, 0)
  return true
}

const unlockThen =
  (then: number): Action =>
  (p, me, arg) => {
    p.unlock(me)
    p.goto(me, then, arg)
    return true
  }

/** The bit is the truth; the count follows it. */
const attachReference: Action = (p, me, slot) => {
  const at = p.slot(slot)
  if (p.w[at + SLOT.refcnt]! < 2 || p.hasReference(me, slot)) {
    p.unlock(me)
    p.end(me)
    return true
  }
  p.w[at + SLOT.row]! |= 1 << me
  p.goto(me, Step.attachCount, slot)
  return true
}

const attachCount: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.refcnt]!++
  p.goto(me, Step.attachUnlock, slot)
  return true
}

const attachMap: Action = (p, me, slot) => {
  const object = p.w[OBJECTS + p.w[p.slot(slot) + SLOT.name]!]!
  if (object !== p.object(slot)) p.broken = 'attach did not find the object of the segment'
  p.w[p.column(me, slot)] = p.w[p.slot(slot) + SLOT.use]! + 1
  p.end(me)
  return true
}

const detachUnmap: Action = (p, me, slot) => {
  if (p.slip !== 'unmapLate') p.w[p.column(me, slot)] = 0
  return enter(p, me, Step.detachReference, slot)
}

const detachReference: Action = (p, me, slot) => {
  if (!p.hasReference(me, slot)) return gaveBack(p, me, slot)
  p.w[p.slot(slot) + SLOT.row]! &= ~(1 << me)
  p.goto(me, Step.detachCount, slot)
  return true
}

const detachCount: Action = (p, me, slot) => {
  if (lowerCount(p, me, slot)) p.goto(me, Step.detachRefcnt, slot)
  else p.goto(me, Step.detachDone, slot)
  return true
}

const gaveBack: Action = (p, me, slot) => {
  p.w[p.column(me, slot)] = 0
  p.unlock(me)
  p.end(me)
  return true
}

/** As `lowerCount`. True: it was the last, and the first of two stores says so. */
function lowerCount(p: SlotProtocol, me: number, slot: number): boolean {
  const refcnt = p.slot(slot) + SLOT.refcnt
  const last = p.w[refcnt]! - 1 <= 1
  if (last) p.recordHalfDone('first', slot, p.token(me) | DYING)
  else p.w[refcnt]!--
  return last
}

const detachRefcnt: Action = (p, me, slot) => {
  p.recordHalfDone('second', slot, p.token(me) | DYING)
  p.goto(me, Step.detachUnlock, slot)
  return true
}

const detachUnlock: Action = (p, me, slot) => {
  p.w[p.column(me, slot)] = 0
  return unlockThen(Step.removeObject)(p, me, slot)
}

const sweepRecover: Action = (p, me, dead) => {
  if (dead !== 0) p.call(me, Step.takeDead, 0, Step.unlockFinishAll, 0)
  else unlockThen(Step.finishAll)(p, me, 0)
  return true
}

const mendRecover: Action = (p, me) => {
  p.call(me, Step.takeDead, 0, Step.mendReclaim, 0)
  p.w[p.own(me) + OWN.underWay] = 0
  return true
}

const mendReclaim: Action = (p, me, from) => {
  for (let slot = from; slot < p.bounds.slots; slot++) {
    const at = p.slot(slot)
    const refcnt = p.w[at + SLOT.refcnt]!
    const owner = p.w[at + SLOT.owner]!
    if (refcnt === 1 && owner === p.token(me)) {
      p.w[at + SLOT.owner] = owner | DYING
      p.goto(me, Step.mendReclaim, slot + 1)
      return true
    }
    if (refcnt < 2 || !p.hasReference(me, slot) || p.w[p.column(me, slot)] !== 0) continue
    p.w[at + SLOT.row]! &= ~(1 << me)
    p.goto(me, Step.mendCount, slot)
    return true
  }
  p.unlock(me)
  p.goto(me, Step.finishAll, 0)
  return true
}

const mendCount: Action = (p, me, slot) => {
  if (lowerCount(p, me, slot)) p.goto(me, Step.mendRefcnt, slot)
  else p.goto(me, Step.mendReclaim, slot + 1)
  return true
}

const mendRefcnt: Action = (p, me, slot) => {
  p.recordHalfDone('second', slot, p.token(me) | DYING)
  p.goto(me, Step.mendReclaim, slot + 1)
  return true
}

/** A member leaves with an empty column, so there is nothing to reclaim. */
const leaveReclaim = unlockThen(Step.leaveFinish)

const leaveFinish: Action = (p, me) =>
  (p.slip !== 'leaveOwning' && finishNext(p, me, Step.leaveFinish, 0)) ||
  enter(p, me, Step.leaveSignOff, 0)

const leaveSignOff: Action = (p, me) => {
  const clean = p.slip === 'leaveOwning' || !p.ownsAnything(me)
  if (clean) p.w[p.entry(me) + ENTRY.live] = 0
  p.goto(me, Step.leaveUnlock, 0)
  return true
}

const leaveByte: Action = (p, me) => {
  p.w[p.entry(me) + ENTRY.byte] = 0
  p.vanish(me, Step.out)
  return true
}

export const operationActions = {
  joinGeneration,
  joinRecover,
  joinLive,
  joinUnlock: unlockThen(Step.finishAll),
  attachReference,
  attachCount,
  attachUnlock: unlockThen(Step.attachMap),
  attachMap,
  detachUnmap,
  detachReference,
  detachCount,
  detachRefcnt,
  detachUnlock,
  detachDone: gaveBack,
  sweepRecover,
  mendRecover,
  mendReclaim,
  mendCount,
  mendRefcnt,
  leaveReclaim,
  leaveFinish,
  leaveSignOff,
  leaveUnlock: unlockThen(Step.leaveByte),
  leaveByte,
} satisfies Record<string, Action>
