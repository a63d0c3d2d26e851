/** All trials, in the order of the report. */
import type { Trial } from './trial.js'
import { anatomy } from './trials/anatomy.js'
import { contendedLock, membersAtOnce } from './trials/at-once.js'
import { createLarge } from './trials/create-large.js'
import { freePages } from './trials/free-pages.js'
import { joinedMembers, liveSegments, sizes } from './trials/growth.js'
import { handOver } from './trials/hand-over.js'
import { joining } from './trials/joining.js'
import { lock } from './trials/lock.js'
import { mainRegionTrial } from './trials/main-region.js'
import { mapping } from './trials/mapping.js'
import { memory } from './trials/memory.js'
import { lockTakeover, recovery } from './trials/recovery.js'
import { attachDetach, createDestroy } from './trials/system-calls.js'

export const trials: readonly Trial[] = [
  mainRegionTrial,
  createDestroy,
  attachDetach,
  createLarge,
  freePages,
  liveSegments,
  lock,
  membersAtOnce,
  handOver,
  joinedMembers,
  sizes,
  contendedLock,
  lockTakeover,
  recovery,
  mapping,
  joining,
  memory,
  anatomy,
]
