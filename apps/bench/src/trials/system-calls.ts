/** Making, removing, attaching and detaching, against the bare system calls in C. */
import { attacher, creator, PAGE_BYTES } from '../contenders/segments.js'
import { makeGroup } from '../group.js'
import { barePlace, systemCalls } from '../system-calls.js'
import {
  BACKENDS,
  type Backend,
  type Contender,
  type Lengths,
  type Race,
  type Trial,
} from '../trial.js'

const BARE = 'system calls in C'
const CHECKED = 'system calls in C, with the looks that safety needs'
const OURS_MADE = 'dsm.create, detach'
const OURS_ATTACHED = 'dsm.attach, detach'

const LENGTHS: Lengths = {
  full: { warmUp: 50, batch: 100, samples: 10, turns: 30 },
  quick: { warmUp: 20, batch: 100, samples: 4, turns: 8 },
  tiny: { warmUp: 0, batch: 5, samples: 1, turns: 1 },
}

const bareCreation = (backend: Backend): Contender => ({
  name: BARE,
  open() {
    const { place, remove } = barePlace(backend)
    return {
      batch: count => systemCalls.createDestroy(place, PAGE_BYTES, count),
      close: remove,
    }
  },
})

const checkedCreation = (backend: Backend): Contender => ({
  name: CHECKED,
  open() {
    const { place, remove } = barePlace(backend)
    const path = String(place)
    return {
      batch: count => systemCalls.createDestroyChecked(path, PAGE_BYTES, count, backend === 'mmap'),
      close: remove,
    }
  },
})

/** On an object of the library's own making, so that both attach to the same kind of thing. */
const bareAttachment = (backend: Backend): Contender => ({
  name: BARE,
  open() {
    const maker = makeGroup(backend)
    const { osName } = maker.create(PAGE_BYTES)
    const file = backend === 'posix' ? `/dev/shm${osName}` : String(osName)
    const place = backend === 'sysv' ? Number(osName) | 0 : file
    return {
      batch: count => systemCalls.attachDetach(place, PAGE_BYTES, count),
      close: () => maker.close(),
    }
  },
})

/** System V has its identity from the call that makes a segment: nothing to look at. */
const creation = (backend: Backend): Race => ({
  name: `create + destroy, ${backend}`,
  what: `create + destroy, ${backend}, 4 KiB`,
  backend,
  contenders: [
    creator(OURS_MADE, { impl: backend }),
    bareCreation(backend),
    ...(backend === 'sysv' ? [] : [checkedCreation(backend)]),
  ],
  comparisons: [
    { ours: OURS_MADE, theirs: BARE, goal: { times: 1.2 } },
    ...(backend === 'sysv' ? [] : [{ ours: OURS_MADE, theirs: CHECKED, goal: null }]),
  ],
  lengths: LENGTHS,
})

const attachment = (backend: Backend): Race => ({
  name: `attach + detach, ${backend}`,
  what: `attach + detach, ${backend}, 4 KiB`,
  backend,
  contenders: [attacher(OURS_ATTACHED, { impl: backend }), bareAttachment(backend)],
  comparisons: [
    // The goals name posix alone.
    { ours: OURS_ATTACHED, theirs: BARE, goal: backend === 'posix' ? { times: 1.2 } : null },
  ],
  lengths: LENGTHS,
})

export const createDestroy: Trial = {
  name: 'create-destroy',
  what: 'a segment made and removed, against the bare system calls',
  races: BACKENDS.map(creation),
}

export const attachDetach: Trial = {
  name: 'attach-detach',
  what: 'a segment attached to and let go of, against the bare system calls',
  races: BACKENDS.map(attachment),
}
