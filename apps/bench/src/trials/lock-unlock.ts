/** Taking and giving back a lock that nobody else wants, against two atomic operations alone. */
import { type Dsm, openDsm } from '@dsm/core'
import { groupName } from '../group.js'
import type { Contender, Subject, Trial } from '../trial.js'

/** Both in the same kind of memory. */
function inSegment(work: (dsm: Dsm, words: Int32Array) => Subject['batch']): Contender['open'] {
  return ({ backend, size }) => {
    const dsm = openDsm({ name: groupName(), impl: backend })
    const words = new Int32Array(dsm.create(size).buffer)
    return { batch: work(dsm, words), close: () => dsm.close() }
  }
}

const ours: Contender = {
  name: 'LWLock acquire, release',
  open: inSegment((dsm, words) => {
    const lock = dsm.lock(words, 0)
    return count => {
      for (let done = 0; done < count; done++) lock.acquire().release()
    }
  }),
}

const atomics: Contender = {
  name: 'Atomics alone',
  open: inSegment((_, words) => count => {
    for (let done = 0; done < count; done++) {
      Atomics.compareExchange(words, 0, 0, 1)
      Atomics.exchange(words, 0, 0)
    }
  }),
}

export const lockUnlock: Trial = {
  name: 'lock-unlock',
  what: 'lock + unlock, uncontended',
  backends: ['posix'],
  contenders: [ours, atomics],
  goal: 1.5,
  full: { warmUp: 50, batch: 100_000, samples: 10, turns: 40, size: 4096 },
  quick: { warmUp: 20, batch: 50_000, samples: 5, turns: 10, size: 4096 },
  tiny: { warmUp: 1, batch: 100, samples: 2, turns: 2, size: 4096 },
}
