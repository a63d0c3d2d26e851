/** Making a segment and removing it again, the buffer untouched, against the bare system calls. */
import { openDsm } from '@dsm/core'
import { bare, barePlace, groupName } from '../group.js'
import { BACKENDS, type Contender, type Trial } from '../trial.js'

const ours: Contender = {
  name: 'dsm.create, detach',
  open({ backend, size }) {
    const dsm = openDsm({ name: groupName(), impl: backend })
    return {
      batch(count) {
        for (let done = 0; done < count; done++) dsm.create(size).detach()
      },
      close: () => dsm.close(),
    }
  },
}

const systemCalls: Contender = {
  name: 'system calls in C',
  open({ backend, size }) {
    const { place, remove } = barePlace(backend)
    return { batch: count => bare.createDestroy(place, size, count), close: remove }
  },
}

export const createDestroy: Trial = {
  name: 'create-destroy',
  what: 'create + destroy, 4 KiB',
  backends: BACKENDS,
  contenders: [ours, systemCalls],
  goal: 1.2,
  full: { warmUp: 50, batch: 200, samples: 10, turns: 40, size: 4096 },
  quick: { warmUp: 20, batch: 100, samples: 5, turns: 10, size: 4096 },
  tiny: { warmUp: 1, batch: 5, samples: 2, turns: 2, size: 4096 },
}
