/**
 * The producer: fills frames and hands them to two consumers by handle. Four segments go round:
 * from the queue of free ones to the producer, to the queue of full ones, to a consumer, and back.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { HandleQueue } from './handle-queue.mjs'

const SEGMENTS = 4
const CONSUMERS = 2
const FRAMES = 60
const FRAME_BYTES = 640 * 480
const END = 0 // no segment has this handle

const dsm = openDsm({ name: 'frames', impl: posix() })

function makeQueue(name) {
  const { segment } = dsm.getOrCreate(name, HandleQueue.sizeOf(SEGMENTS + CONSUMERS))
  return new HandleQueue(dsm, segment)
}
const free = makeQueue('free')
const full = makeQueue('full')
for (let index = 0; index < SEGMENTS; index++) free.push(dsm.create(FRAME_BYTES).handle)

const consumers = Array.from({ length: CONSUMERS }, async () => {
  const consumer = fork(`${import.meta.dirname}/consumer.mjs`)
  const [[result]] = await Promise.all([once(consumer, 'message'), once(consumer, 'exit')])
  return result
})

let written = 0
for (let frame = 1; frame <= FRAMES; frame++) {
  const handle = free.pop() // waits while the consumers are behind
  dsm.findMapping(handle).bytes.fill(frame)
  written += frame * FRAME_BYTES
  full.push(handle)
}
for (let index = 0; index < CONSUMERS; index++) full.push(END)

const results = await Promise.all(consumers)
const sum = key => results.reduce((total, result) => total + result[key], 0)
console.log(`${FRAMES} frames of ${FRAME_BYTES} bytes went through ${SEGMENTS} segments`)
console.log(`${CONSUMERS} consumers saw ${sum('frames')} frames`)
console.log(`sum of all bytes written ${written}, read ${sum('read')}`)
dsm.close()
