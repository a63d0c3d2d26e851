/** @dsm/core: dynamic shared memory for Node.js. Start at `openDsm`. */
export type {
  DsmEvent,
  DsmHandleEvent,
  DsmSegmentEvent,
  DsmStats,
  MemberDeath,
  MemberInfo,
  SegmentInfo,
} from '@dsm/control'
export { DsmError, type DsmErrorCode, type DsmHandle, type DsmImpl } from '@dsm/impl'
export { type Held, LWLock } from '@dsm/lwlock'
export { ResourceOwner } from '@dsm/resowner'
export type { AsyncCreateOptions, AttachOptions, CreateOptions, Dsm } from './dsm.js'
export type { Named } from './named-segments.js'
export { openDsm, openDsmAsync } from './open-dsm.js'
export type { DsmLogger, DsmOptions } from './options.js'
export type { Segment } from './segment.js'
