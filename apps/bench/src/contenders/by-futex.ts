/**
 * Ours without Node's channel: the handle is left in a word of shared memory, and both sides wait
 * on a word for each other. This blocks, as Python's pipe does on the other side of the table.
 */
import { notify, wait } from '@dsm/lwlock'
import { Companion } from '../companion.js'
import { groupName, makeGroup } from '../group.js'
import { verify } from '../hand-over/reading.js'
import { FIRST_BYTE, type Reading } from '../hand-over/way.js'
import { TURN } from '../roles/waiter.js'
import type { Contender } from '../trial.js'
import type { SizeAt } from './receivers.js'

const PATIENCE_MS = 10_000

export const BY_FUTEX = 'dsm, by handle and futex'

export const handingByFutex = (reading: Reading, sizeAt: SizeAt): Contender => ({
  name: BY_FUTEX,
  async open(scale) {
    const dsm = makeGroup('posix')
    const segment = dsm.create(sizeAt(scale))
    segment.bytes.fill(FIRST_BYTE)
    const box = dsm.create(4096)
    const words = new Int32Array(box.buffer)
    const receiver = new Companion('role-child', [
      'waiter',
      groupName(),
      String(box.handle),
      reading,
    ])
    await receiver.next()
    const pass = (turn: number): void => {
      Atomics.store(words, 0, turn)
      notify(words, 0)
    }
    return {
      batch(count) {
        for (let done = 0; done < count; done++) {
          words[1] = segment.handle
          pass(TURN.receiver)
          while (Atomics.load(words, 0) !== TURN.giver) {
            if (wait(words, 0, TURN.receiver, PATIENCE_MS) === 'timed-out') {
              throw new Error('the receiver does not answer')
            }
          }
          verify(words[2], segment.size, reading)
        }
      },
      async close() {
        pass(TURN.over)
        await receiver.close()
        dsm.close()
      },
    }
  },
})
