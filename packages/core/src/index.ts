/** @dsm/core: dynamic shared memory for Node.js. Start at `openDsm`. */
export type { MemberInfo, SegmentInfo } from '@dsm/control'
export { DsmError, type DsmErrorCode, type DsmHandle, type DsmImpl } from '@dsm/impl'
export type { AsyncCreateOptions, CreateOptions, Dsm } from './dsm.js'
export { openDsm, openDsmAsync } from './open-dsm.js'
export type { DsmLogger, DsmOptions } from './options.js'
export type { Segment } from './segment.js'
