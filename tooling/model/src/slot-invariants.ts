/**
 * What has to hold in every state of the slots model, and what one sweep of each member has to
 * reach from a state in which nobody is in the middle of anything. Not how the protocol does it:
 * nothing here writes, but for the sweeps, which run on a copy.
 */
import type { SlotProtocol } from './slot-protocol.js'
import {
  ENTRY,
  KILLS,
  LOCK,
  memberOf,
  OBJECTS,
  OWN,
  popcount,
  SLOT,
  STRANGER,
} from './slot-state.js'
import { Step } from './slot-steps.js'

/** Steps that stand between taking the lock and giving it back. */
const LOCKED: ReadonlySet<number> = new Set(
  [
    ...['takenOver', 'takeDead', 'settle', 'takeOverRefcnt', 'bury', 'freeRow', 'freeRefcnt'],
    ...['freeOwner', 'freed', 'joinRecover', 'joinLive', 'joinUnlock', 'createFind'],
    ...['createFull', 'createFindAgain', 'createOwner', 'createRefcnt', 'createUnlock'],
    ...['createReference', 'createLive', 'createDisown', 'createPublish', 'createRedraw'],
    ...['attachReference', 'attachCount', 'attachUnlock', 'detachReference', 'detachCount'],
    ...['detachRefcnt', 'detachUnlock', 'detachDone', 'sweepRecover', 'unlockFinishAll'],
    ...['mendRecover', 'mendReclaim', 'mendCount', 'mendRefcnt', 'leaveReclaim'],
    ...['leaveSignOff', 'leaveUnlock'],
  ].map(name => Step[name as keyof typeof Step]),
)

export function alwaysBroken(p: SlotProtocol): string | null {
  return lockBroken(p) ?? objectsBroken(p) ?? slotsBroken(p)
}

/** Exclusion: whoever is in a section holds the lock, so there is at most one. */
function lockBroken(p: SlotProtocol): string | null {
  for (let member = 0; member < p.bounds.members; member++) {
    if (LOCKED.has(p.step(member)) && p.w[LOCK] !== p.token(member)) {
      return 'a member is in a section without the lock'
    }
  }
  return null
}

function objectsBroken(p: SlotProtocol): string | null {
  for (let name = 0; name < p.bounds.names; name++) {
    const object = p.w[OBJECTS + name]!
    if (object === 0 || object === STRANGER) continue
    const slot = (object - 1) >> 2
    const at = p.slot(slot)
    const named = p.w[at + SLOT.refcnt] !== 0 && p.w[at + SLOT.name] === name
    if (!named || p.object(slot) !== object) return 'an object that no slot names'
  }
  return null
}

function slotsBroken(p: SlotProtocol): string | null {
  const free = p.w[LOCK] === 0
  for (let slot = 0; slot < p.bounds.slots; slot++) {
    const robbed = memberRobbed(p, slot)
    if (robbed !== null) return robbed
    const at = p.slot(slot)
    const refcnt = p.w[at + SLOT.refcnt]!
    const name = p.w[at + SLOT.name]!
    if (refcnt > 1 && p.w[OBJECTS + name] !== p.object(slot))
      return 'a live slot without its object'
    for (let other = 0; refcnt !== 0 && other < slot; other++) {
      const used = p.w[p.slot(other) + SLOT.refcnt] !== 0
      if (used && p.w[p.slot(other) + SLOT.name] === name) return 'two slots of one name'
    }
    const broken = free ? restingSlotBroken(p, slot) : null
    if (broken !== null) return broken
  }
  return null
}

function memberRobbed(p: SlotProtocol, slot: number): string | null {
  const at = p.slot(slot)
  for (let member = 0; member < p.bounds.members; member++) {
    const use = p.w[p.column(member, slot)]!
    if (use === 0) continue
    const same = p.w[at + SLOT.refcnt]! > 1 && p.w[at + SLOT.use] === use - 1
    if (!same) return 'the slot of a mapped segment is gone'
    if (!p.hasReference(member, slot)) return 'a mapped segment without its reference'
  }
  return null
}

/** While the lock is free, what is derived agrees. */
function restingSlotBroken(p: SlotProtocol, slot: number): string | null {
  const at = p.slot(slot)
  const refcnt = p.w[at + SLOT.refcnt]!
  const row = p.w[at + SLOT.row]!
  if (refcnt === 0) return row === 0 ? null : 'a free slot has references'
  if (refcnt > 1 && refcnt !== popcount(row) + 1) return 'refcnt is not the number of references'
  for (let member = 0; member < p.bounds.members; member++) {
    const counted = refcnt > 1 && (row & (1 << member)) !== 0
    if (counted && p.w[p.entry(member) + ENTRY.live] === 0) return 'a reference of nobody'
  }
  return null
}

/** Does nobody have a step left but to begin something? */
export function quiescent(p: SlotProtocol): boolean {
  let idle = 0
  for (let member = 0; member < p.bounds.members; member++) {
    const step = p.step(member)
    if (step === Step.idle) idle++
    else if (step !== Step.out) return false
  }
  return idle > 0
}

/** Whoever was cut holding the lock first, as the others wait for it; then the others cut. */
function sweepingOrder(p: SlotProtocol): readonly number[] {
  const rank = (member: number): number => {
    if (p.w[LOCK] === p.token(member)) return 0
    return wasCut(p, member) ? 1 : 2
  }
  const idle = Array.from({ length: p.bounds.members }, (_, member) => member)
  return idle
    .filter(member => p.step(member) === Step.idle)
    .sort((one, other) => rank(one) - rank(other))
}

/**
 * After a sweep of each member, begun and run to its end by `sweep`. False from it: a member waits
 * for ever. Writes: on a copy only.
 */
export function sweptBroken(p: SlotProtocol, sweep: (member: number) => boolean): string | null {
  for (const member of sweepingOrder(p)) {
    if (!sweep(member)) return 'a member waits for ever'
  }
  const holder = p.w[LOCK]!
  if (holder !== 0) return `the lock stays with member ${memberOf(holder)}`
  for (let slot = 0; slot < p.bounds.slots; slot++) {
    const at = p.slot(slot)
    const refcnt = p.w[at + SLOT.refcnt]!
    if (refcnt === 1) return 'a slot stays half done'
    for (let member = 0; refcnt > 1 && member < p.bounds.members; member++) {
      const mapped = p.w[p.column(member, slot)] !== 0
      if (mapped !== p.hasReference(member, slot)) return 'a stray reference stays'
    }
    if (refcnt === 2 && p.w[at + SLOT.row] === 0) return 'an unreferenced slot stays'
  }
  return null
}

/** Everybody has left, nobody by death: nothing may be there. */
export function leftBroken(p: SlotProtocol): string | null {
  if (p.w[KILLS] !== 0) return null // what is left then goes with the whole life
  for (let member = 0; member < p.bounds.members; member++) {
    if (p.step(member) !== Step.out || p.w[p.entry(member) + ENTRY.live] !== 0) return null
  }
  if (p.w[LOCK] !== 0) return 'all have left and the lock is held'
  for (let slot = 0; slot < p.bounds.slots; slot++) {
    if (p.w[p.slot(slot) + SLOT.refcnt] !== 0) return 'all have left and a slot is not free'
  }
  return null
}

export const wasCut = (p: SlotProtocol, member: number): boolean =>
  p.w[p.own(member) + OWN.busy] !== 0
