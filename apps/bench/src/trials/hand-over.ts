/**
 * 64 MiB handed to another process that lives on, which reads the first byte or every page and says
 * so. Whoever shares memory has the bytes there already, as its users have; what is handed over is
 * their name. Whoever sends them does so each time.
 */
import { BY_FUTEX, handingByFutex } from '../contenders/by-futex.js'
import {
  handingBy,
  handingBySocket,
  handingInPython,
  handingToWorker,
} from '../contenders/receivers.js'
import { byHandle } from '../hand-over/by-handle.js'
import { bySend } from '../hand-over/by-send.js'
import type { Reading } from '../hand-over/way.js'
import { ways } from '../hand-over/ways.js'
import type { Contender, Goal, Lengths, Race, Scale, Trial } from '../trial.js'

const sizeAt = (scale: Scale): number => (scale === 'tiny' ? 1 : 64) * 2 ** 20
const FASTER: Goal = { times: 1 }

const LENGTHS: Lengths = {
  full: { warmUp: 2, batch: 1, samples: 3, turns: 7 },
  quick: { warmUp: 1, batch: 1, samples: 1, turns: 3 },
  tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
}

/** In the same length of time, far more of what takes far less. */
const cheap = (contender: Contender): Contender => ({
  ...contender,
  length: length => ({ ...length, samples: length.samples * 5, warmUp: length.warmUp * 10 }),
})

/** @param times against process.send */
function race(reading: Reading, times: number): Race {
  const python = handingInPython(reading, sizeAt)
  const contenders = [
    ...ways.map(way => {
      const contender = handingBy(way, reading, sizeAt)
      return way === bySend ? contender : cheap(contender)
    }),
    handingToWorker(reading, sizeAt),
    handingBySocket(reading, sizeAt),
    cheap(python),
    cheap(handingByFutex(reading, sizeAt)),
  ]
  return {
    name: `hand 64 MiB over, ${reading} read`,
    what: `64 MiB handed to another process, ${reading} read there`,
    latency: true,
    contenders,
    comparisons: [
      ...contenders.slice(1, -1).map(({ name }) => ({
        ours: byHandle.name,
        theirs: name,
        goal: name === bySend.name ? { times } : FASTER,
      })),
      // Neither has an event loop to go through.
      { ours: BY_FUTEX, theirs: python.name, goal: FASTER },
    ],
    lengths: LENGTHS,
  }
}

/** V8 counts a mapping as its own memory, and collects for every 64 MiB of it: decision 0012. */
const SIZES_MIB = [1, 16, 48, 64, 128, 256]

const bySize: Race = {
  name: 'hand over by size, first byte read',
  what: 'handed to another process by handle, first byte read there',
  axis: 'bytes',
  latency: true,
  contenders: SIZES_MIB.map(mib =>
    cheap({
      ...handingBy(byHandle, 'first byte', () => mib * 2 ** 20),
      name: `${mib} MiB`,
      at: mib * 2 ** 20,
      ...(mib > 1 ? { notTiny: true } : {}),
    }),
  ),
  comparisons: [{ ours: '64 MiB', theirs: '48 MiB', goal: null }],
  lengths: LENGTHS,
}

export const handOver: Trial = {
  name: 'hand-over',
  what: '64 MiB handed to another process, by all the ways there are',
  races: [race('first byte', 1 / 1000), race('every page', 1 / 20), bySize],
}
