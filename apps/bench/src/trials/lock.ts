/**
 * Taking and giving back a lock that nobody else wants, against two atomic operations alone: the
 * lock word, as the library's own sections use it; and LWLock, which adds deadlines, `Held` and
 * sections that may be cut.
 */
import type { Dsm } from '@dsm/core'
import { release, tokenOf, tryTake } from '@dsm/lwlock'
import { makeGroup } from '../group.js'
import type { Contender, Subject, Trial } from '../trial.js'

/** All in the same kind of memory. */
const inSegment = (
  name: string,
  work: (dsm: Dsm, words: Int32Array) => Subject['batch'],
): Contender => ({
  name,
  open() {
    const dsm = makeGroup('posix')
    const words = new Int32Array(dsm.create(4096).buffer)
    return { batch: work(dsm, words), close: () => dsm.close() }
  },
})

const word = inSegment('lock word: tryTake, release', (_, words) => {
  const token = tokenOf(0, 1)
  return count => {
    for (let done = 0; done < count; done++) {
      if (!tryTake(words, 0, token)) throw new Error('somebody holds a lock of nobody else')
      release(words, 0, token)
    }
  }
})

const acquire = inSegment('LWLock acquire, release', (dsm, words) => {
  const lock = dsm.lock(words, 0)
  return count => {
    for (let done = 0; done < count; done++) lock.acquire().release()
  }
})

const runs = inSegment('LWLock run', (dsm, words) => {
  const lock = dsm.lock(words, 0)
  const nothing = (): void => undefined
  return count => {
    for (let done = 0; done < count; done++) lock.run(nothing)
  }
})

const atomics = inSegment('Atomics alone', (_, words) => count => {
  for (let done = 0; done < count; done++) {
    Atomics.compareExchange(words, 0, 0, 1)
    Atomics.exchange(words, 0, 0)
  }
})

export const lock: Trial = {
  name: 'lock',
  what: 'a lock that nobody else wants, against two atomic operations',
  races: [
    {
      name: 'lock + unlock, uncontended',
      what: 'lock + unlock, uncontended',
      contenders: [word, acquire, runs, atomics],
      comparisons: [
        { ours: word.name, theirs: atomics.name, goal: { times: 1.5 } },
        { ours: acquire.name, theirs: atomics.name, goal: null },
        { ours: runs.name, theirs: atomics.name, goal: null },
      ],
      lengths: {
        full: { warmUp: 50, batch: 50_000, samples: 10, turns: 30 },
        quick: { warmUp: 20, batch: 50_000, samples: 5, turns: 8 },
        tiny: { warmUp: 1, batch: 100, samples: 1, turns: 1 },
      },
    },
  ],
}
