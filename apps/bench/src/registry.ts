/** All trials, in the order of the report. */
import type { Trial } from './trial.js'
import { attachDetach } from './trials/attach-detach.js'
import { createDestroy } from './trials/create-destroy.js'
import { handOver } from './trials/hand-over.js'
import { lockUnlock } from './trials/lock-unlock.js'

export const trials: readonly Trial[] = [createDestroy, attachDetach, lockUnlock, handOver]
