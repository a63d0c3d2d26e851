/**
 * Which bounds are searched: those of `npm test`, and for each slip the smallest in which it shows.
 * The larger forms are given on the command line (main.ts), as nobody waits for them every time.
 */
import { explore, type Result } from './explorer.js'
import { JoinLeaveModel } from './join-leave-model.js'
import { JOIN_SLIPS, type JoinSlip, SLOT_SLIPS, type SlotSlip } from './slips.js'
import { SlotModel } from './slot-model.js'
import type { Bounds } from './slot-state.js'

const SMALLEST: Bounds = {
  members: 2,
  slots: 1,
  names: 1,
  kills: 1,
  cuts: 0,
  foreign: 0,
  lives: 1,
}

/** Complete in seconds each. */
export const SMALL: Readonly<Record<string, Bounds>> = {
  'a kill and a cut, two slots': { ...SMALLEST, slots: 2, names: 1, cuts: 1 },
  'two kills and a cut, entries taken again': { ...SMALLEST, kills: 2, cuts: 1, lives: 2 },
  'two kills, two slots': { ...SMALLEST, slots: 2, names: 2, kills: 2 },
  "a kill, a cut and a stranger's object": { ...SMALLEST, cuts: 1, foreign: 1, lives: 2 },
  'three members, a kill': { ...SMALLEST, members: 3 },
}

const WITH_CUT: Bounds = { ...SMALLEST, cuts: 1 }
const AGAIN: Bounds = { ...SMALLEST, kills: 2, lives: 2 }
const SLIP_BOUNDS: Partial<Record<SlotSlip, Bounds>> = {
  ownerAfterRefcnt: { ...SMALLEST, kills: 2, cuts: 1, lives: 2 },
  rowKept: { ...SMALLEST, kills: 2, cuts: 1, lives: 2 },
  liveFirst: AGAIN,
  leaveOwning: AGAIN,
  oneByte: AGAIN,
  joinLate: AGAIN,
  noReconcile: WITH_CUT,
  dyingNotUnique: { ...SMALLEST, slots: 2 },
  foreignRemoved: { ...SMALLEST, foreign: 1 },
}

export const checkSlots = (bounds: Bounds, slip: SlotSlip | null = null): Result =>
  explore(new SlotModel(bounds, slip))

export const checkSlotSlip = (slip: SlotSlip): Result =>
  checkSlots(SLIP_BOUNDS[slip] ?? SMALLEST, slip)

export const checkJoinLeave = (members: number, kills: number): Result =>
  explore(new JoinLeaveModel({ members, kills }))

export const checkJoinSlip = (slip: JoinSlip): Result =>
  explore(new JoinLeaveModel({ members: 3, kills: 1 }, slip))

export const slotSlips = Object.keys(SLOT_SLIPS) as SlotSlip[]
export const joinSlips = Object.keys(JOIN_SLIPS) as JoinSlip[]
