/**
 * 64 MiB made: on posix against the system calls that fill it, in small pages, and out of the main
 * region, where nothing has to be filled but what somebody else wrote. Removing is not in the
 * figures; its memory is freed by a thread of its own, for which each side waits before it is the
 * next one's turn. The main region frees nothing: several are made in a row, or the figure were
 * that of a processor which has slept.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DsmOptions } from '@dsm/core'
import { makeGroup } from '../group.js'
import { barePlace, systemCalls } from '../system-calls.js'
import type { Contender, Lengths, Race, Scale, Trial } from '../trial.js'

const SETTLE_MS = 15
const IN_A_ROW = 20
const sizeAt = (scale: Scale): number => (scale === 'tiny' ? 1 : 64) * 2 ** 20

const PAIRS: Lengths = {
  full: { warmUp: 5, batch: 1, samples: 1, turns: 200 },
  quick: { warmUp: 3, batch: 1, samples: 1, turns: 10 },
  tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
}

/** Nanoseconds of the creation alone. */
function ours(
  name: string,
  options: Partial<DsmOptions>,
  prepare = (): void => undefined,
): Contender {
  return {
    name,
    open(scale) {
      const region = options.mainRegionSize === undefined ? {} : { mainRegionSize: 2 ** 27 }
      const inARow = options.mainRegionSize === undefined ? 1 : IN_A_ROW
      const dsm = makeGroup('posix', { ...options, ...region })
      const size = sizeAt(scale)
      prepare()
      return {
        async batch() {
          let spent = 0
          for (let made = 0; made < inARow; made++) {
            const start = process.hrtime.bigint()
            const segment = dsm.create(size)
            spent += Number(process.hrtime.bigint() - start)
            segment.detach()
          }
          await sleep(SETTLE_MS)
          return spent / inARow
        },
        close: () => dsm.close(),
      }
    },
  }
}

/**
 * From here on nothing large is filled in this process, as goals say "zeroing aside". A segment
 * made so has what its last owner left in it: for measuring only.
 */
function withoutZeroing(): void {
  const LARGE = 2 ** 20
  const fill = Uint8Array.prototype.fill
  Uint8Array.prototype.fill = function (this: Uint8Array, ...words: Parameters<typeof fill>) {
    return this.byteLength >= LARGE ? this : fill.apply(this, words)
  }
}

const bare: Contender = {
  name: 'posix_fallocate, mmap in C',
  open(scale) {
    const { place, remove } = barePlace('posix')
    return {
      async batch(count) {
        const spent = systemCalls.timedCreate(place, sizeAt(scale), count)
        await sleep(SETTLE_MS)
        return spent
      },
      close: remove,
    }
  },
}

const POSIX = 'dsm.create, posix'
const MAIN = 'dsm.create, main region'
const MAIN_UNZEROED = 'dsm.create, main region, zeroing aside'

const posix: Race = {
  name: 'create 64 MiB, posix',
  what: 'create 64 MiB, posix',
  backend: 'posix',
  contenders: [ours(POSIX, {}), bare],
  comparisons: [{ ours: POSIX, theirs: bare.name, goal: { times: 1.05 } }],
  lengths: PAIRS,
}

const main: Race = {
  name: 'create 64 MiB, main region',
  what: 'create 64 MiB, main region',
  contenders: [
    ours(MAIN_UNZEROED, { mainRegionSize: 1 }, withoutZeroing),
    ours(MAIN, { mainRegionSize: 1 }),
    ours(POSIX, {}),
    bare,
  ],
  comparisons: [
    { ours: MAIN_UNZEROED, theirs: POSIX, goal: { times: 0.01 } },
    { ours: MAIN_UNZEROED, theirs: bare.name, goal: null },
    { ours: MAIN, theirs: POSIX, goal: null },
  ],
  lengths: { ...PAIRS, full: { ...PAIRS.full, turns: 60 } },
}

export const createLarge: Trial = {
  name: 'create-large',
  what: '64 MiB made',
  races: [posix, main],
}
