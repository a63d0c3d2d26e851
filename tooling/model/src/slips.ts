/**
 * The slips that the models must find: each is one mistake against the design, most of them made
 * once in its text or in a draft (design review, §5). Canaries of the checker, not options of the
 * protocol: a slip that is not found says that the model has gone blind.
 */

export const SLOT_SLIPS = {
  ownerAfterRefcnt: 'the owner word is stored after refcnt = 1',
  rowKept: 'the references row is not zeroed before refcnt = 0',
  deadTwice: 'recovery takes the dead set again before it frees entries',
  askSelf: 'the oracle is asked about the asker',
  liveFirst: 'live = 0 before the references are subtracted',
  finishLiving: "a living owner's dying slot is finished by another",
  objectFirst: 'the object is made before its slot is recorded',
  unmapLate: 'detach unmaps after its reference is cleared',
  noReconcile: 'nothing is reconciled after a cut',
  leaveOwning: 'a member signs off while slots name it',
  oneByte: "a member's byte does not say which incarnation holds it",
  dyingNotUnique: 'dying slots do not count for uniqueness',
  foreignRemoved: 'objects are removed by name, whosever they are',
  freeFirst: 'the slot is freed before its object is removed',
  noAdoption: 'recovery leaves half-done slots of the dead to nobody',
  joinLate: 'a joiner that took the lock over releases it before its entry is live',
  sweepBlind: 'a sweep does not look who holds the lock',
} as const

export const JOIN_SLIPS = {
  publishLast: 'the state file names the control segment after it was made',
  ownByteLater: 'the own byte goes later than byte 0',
  leaveWithoutGate: 'leaving does not take byte 0',
  leaveIfBusy: 'byte 0 is busy: leaves without looking',
  noLinkCheck: 'byte 0 of a removed file is taken for byte 0',
  controlFirst: 'the control segment is removed before the segments that it names',
  stateFirst: 'the state file is removed before what it names',
} as const

export type SlotSlip = keyof typeof SLOT_SLIPS
export type JoinSlip = keyof typeof JOIN_SLIPS
