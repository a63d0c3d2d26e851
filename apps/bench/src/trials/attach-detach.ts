/** Attaching to a segment that another member made, and detaching, the buffer untouched. */
import { openDsm } from '@dsm/core'
import { bare, groupName } from '../group.js'
import { BACKENDS, type Contender, type Trial } from '../trial.js'

const ours: Contender = {
  name: 'dsm.attach, detach',
  open({ backend, size }) {
    const maker = openDsm({ name: groupName(), impl: backend })
    const { handle } = maker.create(size)
    const dsm = openDsm({ name: groupName() })
    return {
      batch(count) {
        for (let done = 0; done < count; done++) dsm.attach(handle)!.detach()
      },
      close() {
        dsm.close()
        maker.close()
      },
    }
  },
}

/** On an object of the library's own making, so that both attach to the same kind of thing. */
const systemCalls: Contender = {
  name: 'system calls in C',
  open({ backend, size }) {
    const maker = openDsm({ name: groupName(), impl: backend })
    const { osName } = maker.create(size)
    const file = backend === 'posix' ? `/dev/shm${osName}` : String(osName)
    const place = backend === 'sysv' ? Number(osName) | 0 : file
    return {
      batch: count => bare.attachDetach(place, size, count),
      close: () => maker.close(),
    }
  },
}

export const attachDetach: Trial = {
  name: 'attach-detach',
  what: 'attach + detach, 4 KiB',
  backends: BACKENDS,
  contenders: [ours, systemCalls],
  goal: 1.2,
  full: { warmUp: 50, batch: 500, samples: 10, turns: 40, size: 4096 },
  quick: { warmUp: 20, batch: 200, samples: 5, turns: 10, size: 4096 },
  tiny: { warmUp: 1, batch: 5, samples: 2, turns: 2, size: 4096 },
}
