/** @dsm/lwlock: byte locks, futex words, and a lock over both that survives its owners. */
export { byteOracle, type DeathOracle, describeToken } from './death-oracle.js'
export { describeProcess } from './describe-process.js'
export {
  futexSupported,
  notify,
  type WaitAsyncOptions,
  type WaitResult,
  wait,
  waitAsync,
} from './futex.js'
export { LockFile, type LockFileOptions } from './lock-file.js'
export {
  abandon,
  LOCK_TIMEOUT_MS,
  type LockOutcome,
  release,
  takeContended,
  tryTake,
  tryTakeContended,
  WAITERS,
} from './lock-word.js'
export { type Held, LWLock, type LWLockOptions } from './lwlock.js'
export { abandonSectionsIn, anySectionOpen } from './section.js'
export {
  byteOf,
  GENERATION_MAX,
  generationOf,
  MEMBER_MAX,
  memberOf,
  predecessorOf,
  tokenOf,
} from './token.js'
