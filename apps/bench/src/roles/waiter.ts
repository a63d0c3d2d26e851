/**
 * Who is handed a segment by a word of shared memory, and waits for it without an event loop. Words
 * of the letter box: 0 is whose turn it is, 1 the handle, 2 what was read.
 */
import { notify, wait } from '@dsm/lwlock'
import { joinGroup } from '../group.js'
import { read } from '../hand-over/reading.js'
import type { Reading } from '../hand-over/way.js'
import type { Casting } from './role.js'

export const TURN = { giver: 0, receiver: 1, over: 2 } as const
const LOOK_MS = 200

export const waiter: Casting = (group, box, reading) => {
  const dsm = joinGroup(group)
  const words = new Int32Array(dsm.attach(Number(box))!.buffer)
  const parent = process.ppid
  // After it has said that it is ready, and until it is over, or nobody is left to say so.
  setImmediate(() => {
    while (words[0] !== TURN.over && process.ppid === parent) {
      if (wait(words, 0, TURN.giver, LOOK_MS) === 'timed-out') continue
      if (Atomics.load(words, 0) !== TURN.receiver) continue
      const segment = dsm.attach(words[1]! >>> 0)!
      words[2] = read(segment.bytes, reading as Reading)
      segment.detach()
      Atomics.store(words, 0, TURN.giver)
      notify(words, 0)
    }
  })
  return { answer: () => null, close: () => dsm.close() }
}
