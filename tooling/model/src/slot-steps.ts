/**
 * The names of the steps of the slots model, in the order of the operations they belong to. What a
 * step does stands in slot-section.ts, slot-create.ts and slot-operations.ts; it is at most one
 * shared store or one system call, and a member can be killed before each.
 */

export const NAMES = [
  'out',
  'dead',
  'idle',
  // taking the lock; recovery
  'acquire',
  'takenOver',
  'finishAdopted',
  'takeDead',
  'settle',
  'takeOverRefcnt',
  'bury',
  // removing one object and freeing its slot; all of ours
  'removeObject',
  'freeRow',
  'freeRefcnt',
  'freeOwner',
  'freed',
  'finishAll',
  // join
  'joinGeneration',
  'joinRecover',
  'joinLive',
  'joinUnlock',
  // create
  'createFind',
  'createFull',
  'createRetry',
  'createFindAgain',
  'createOwner',
  'createRefcnt',
  'createUnlock',
  'createObject',
  'createReference',
  'createLive',
  'createDisown',
  'createPublish',
  'createKeep',
  'createRedraw',
  // attach, detach
  'attachReference',
  'attachCount',
  'attachUnlock',
  'attachMap',
  'detachUnmap',
  'detachReference',
  'detachCount',
  'detachRefcnt',
  'detachUnlock',
  'detachDone',
  // sweep; mending after a cut
  'sweepRecover',
  'unlockFinishAll',
  'mendRecover',
  'mendReclaim',
  'mendCount',
  'mendRefcnt',
  // leave
  'leaveReclaim',
  'leaveFinish',
  'leaveSignOff',
  'leaveUnlock',
  'leaveByte',
] as const

export type StepName = (typeof NAMES)[number]

export const Step = Object.fromEntries(NAMES.map((name, step) => [name, step])) as Record<
  StepName,
  number
>
