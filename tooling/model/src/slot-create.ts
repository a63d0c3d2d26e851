/**
 * Creating a segment with an object of its own: the slot is recorded, the object made, the slot
 * made live. Stands for `creation.ts`, sizes, identities and the thread pool left out.
 */
import type { Action } from './slot-protocol.js'
import { enter, finishNext } from './slot-section.js'
import { OBJECTS, SLOT } from './slot-state.js'
import { Step } from './slot-steps.js'

const find =
  (again: boolean): Action =>
  (p, me, name) => {
    const slot = p.freeSlot()
    if (slot < 0 && !again) {
      p.call(me, Step.takeDead, 0, Step.createFull, name)
      return true
    }
    if (slot < 0 || p.nameInUse(name)) {
      p.unlock(me)
      p.end(me)
      return true
    }
    const at = p.slot(slot)
    p.w[at + SLOT.name] = name
    p.w[at + SLOT.use] = (p.w[at + SLOT.use]! + 1) & 3
    if (p.slip === 'objectFirst') p.w[OBJECTS + name] = p.object(slot)
    p.goto(me, Step.createOwner, slot)
    return true
  }

const createFull: Action = (p, me, name) => {
  p.unlock(me)
  p.goto(me, Step.createRetry, name)
  return true
}

const createRetry: Action = (p, me, name) =>
  finishNext(p, me, Step.createRetry, name) || enter(p, me, Step.createFindAgain, name)

const createOwner: Action = (p, me, slot) => {
  p.recordHalfDone('first', slot, p.token(me))
  p.goto(me, Step.createRefcnt, slot)
  return true
}

const createRefcnt: Action = (p, me, slot) => {
  p.recordHalfDone('second', slot, p.token(me))
  p.goto(me, Step.createUnlock, slot)
  return true
}

const createUnlock: Action = (p, me, slot) => {
  p.unlock(me)
  p.goto(me, Step.createObject, slot)
  return true
}

const createObject: Action = (p, me, slot) => {
  const at = OBJECTS + p.w[p.slot(slot) + SLOT.name]!
  const ours = p.w[at] === 0 || p.slip === 'objectFirst'
  if (ours) p.w[at] = p.object(slot)
  return enter(p, me, ours ? Step.createReference : Step.createRedraw, slot)
}

/** The name was taken: another one, or the create fails and its slot goes. */
const createRedraw: Action = (p, me, slot) => {
  for (let name = 0; name < p.bounds.names; name++) {
    if (p.nameInUse(name)) continue
    p.w[p.slot(slot) + SLOT.name] = name
    p.goto(me, Step.createUnlock, slot)
    return true
  }
  if (p.slip !== 'rowKept') p.w[p.slot(slot) + SLOT.row] = 0
  p.goto(me, Step.freeRefcnt, slot)
  return true
}

const createReference: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.row]! |= 1 << me
  p.goto(me, Step.createLive, slot)
  return true
}

const createLive: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.refcnt] = 2
  p.goto(me, Step.createDisown, slot)
  return true
}

const createDisown: Action = (p, me, slot) => {
  p.w[p.slot(slot) + SLOT.owner] = 0
  p.goto(me, Step.createPublish, slot)
  return true
}

const createPublish: Action = (p, me, slot) => {
  p.unlock(me)
  p.goto(me, Step.createKeep, slot)
  return true
}

const createKeep: Action = (p, me, slot) => {
  p.w[p.column(me, slot)] = p.w[p.slot(slot) + SLOT.use]! + 1
  p.end(me)
  return true
}

export const createActions = {
  createFind: find(false),
  createFull,
  createRetry,
  createFindAgain: find(true),
  createOwner,
  createRefcnt,
  createUnlock,
  createObject,
  createRedraw,
  createReference,
  createLive,
  createDisown,
  createPublish,
  createKeep,
} satisfies Record<string, Action>
