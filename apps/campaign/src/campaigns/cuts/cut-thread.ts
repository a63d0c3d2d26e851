/** A thread of the campaign `cuts`, a member of its own: works until it is terminated. */
import { parentPort, workerData } from 'node:worker_threads'
import { DsmError, openDsm } from '@dsm/core'
import { Random } from '../../random.js'
import { MEMBER_OPERATIONS } from './cut-operations.js'
import type { ThreadOptions } from './cut-protocol.js'

const { group, seed, kept } = workerData as ThreadOptions
const random = new Random(seed)
const dsm = openDsm({ name: group })
const names = Object.keys(MEMBER_OPERATIONS)
parentPort?.postMessage('works')
for (;;) {
  const name = random.pick(names) ?? ''
  try {
    MEMBER_OPERATIONS[name]?.({ dsm, kept })()
  } catch (error) {
    const known = ['DSM_ALREADY_ATTACHED', 'DSM_TOO_MANY_SEGMENTS', 'DSM_ALREADY_PINNED']
    if (!DsmError.isInstance(error) || !known.includes(error.code)) throw error
    for (const { handle, pinned } of dsm.segments()) if (pinned) dsm.unpinSegment(handle)
    dsm.detachAll()
  }
}
