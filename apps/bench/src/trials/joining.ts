/** Joining a group and leaving it; making one and ending it. */
import { joinGroup, makeGroup } from '../group.js'
import { BACKENDS, type Backend, type Race, type Trial } from '../trial.js'

const MAKE = 'made, ended'
const JOIN = 'joined, left'

const race = (backend: Backend): Race => ({
  name: `join + leave, ${backend}`,
  what: `openDsm + close, ${backend}`,
  backend,
  contenders: [
    {
      name: JOIN,
      open() {
        const dsm = makeGroup(backend)
        return {
          batch(count) {
            for (let done = 0; done < count; done++) joinGroup().close()
          },
          close: () => dsm.close(),
        }
      },
    },
    {
      name: MAKE,
      open: () => ({
        batch(count) {
          for (let done = 0; done < count; done++) makeGroup(backend).close()
        },
        close: () => undefined,
      }),
    },
  ],
  comparisons: [{ ours: JOIN, theirs: MAKE, goal: null }],
  lengths: {
    full: { warmUp: 10, batch: 5, samples: 10, turns: 8 },
    quick: { warmUp: 5, batch: 5, samples: 4, turns: 3 },
    tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
  },
})

export const joining: Trial = {
  name: 'joining',
  what: 'a group joined and left, made and ended',
  races: BACKENDS.map(race),
}
