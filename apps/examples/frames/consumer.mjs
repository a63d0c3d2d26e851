/**
 * A consumer: takes full frames, adds their bytes up where they lie, and gives the segments back.
 */
import { openDsm } from '@dsm/core'
import { HandleQueue } from './handle-queue.mjs'

const dsm = openDsm({ name: 'frames' })
const attach = handle => dsm.findMapping(handle) ?? dsm.attach(handle) // once for each segment
const free = new HandleQueue(dsm, attach(dsm.lookup('free')))
const full = new HandleQueue(dsm, attach(dsm.lookup('full')))

const result = { frames: 0, read: 0 }
for (let handle = full.pop(); handle !== 0; handle = full.pop()) {
  for (const byte of attach(handle).bytes) result.read += byte
  result.frames += 1
  free.push(handle)
}
process.send(result)
process.disconnect()
dsm.close()
