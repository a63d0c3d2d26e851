/** All ways between two Node processes, ours first. */
import { byHandle } from './by-handle.js'
import { byLmdb } from './by-lmdb.js'
import { byMmapIo } from './by-mmap-io.js'
import { bySend } from './by-send.js'
import { byShmTypedArray } from './by-shm-typed-array.js'
import type { Way } from './way.js'

export const ways: readonly Way[] = [byHandle, bySend, byShmTypedArray, byMmapIo, byLmdb]
