/** The free page manager under churn at three sizes, against PostgreSQL's own. */
import { inPostgres } from '../contenders/postgres.js'
import { type ChurnSize, FreePageChurn } from '../free-page-churn.js'
import type { Lengths, Race, Trial } from '../trial.js'

const OURS = 'FreePageManager'
const CALLS_IN_STEP = 2
const THEIRS = "PostgreSQL's freepage.c"

const LENGTHS: Lengths = {
  full: { warmUp: 40, batch: 10_000, samples: 10, turns: 25 },
  quick: { warmUp: 20, batch: 5_000, samples: 4, turns: 8 },
  tiny: { warmUp: 0, batch: 20, samples: 1, turns: 1 },
}

function churn(size: ChurnSize, times: number): Race {
  const { pages, live } = size
  const name = `free pages: ${pages.toLocaleString('en-US')} / ${live.toLocaleString('en-US')} live`
  return {
    name,
    what: `${name}; one call, get and put in turn`,
    contenders: [
      {
        name: OURS,
        open() {
          const work = new FreePageChurn(size)
          return {
            batch(count) {
              const start = process.hrtime.bigint()
              work.steps(count)
              return Number(process.hrtime.bigint() - start) / count / CALLS_IN_STEP
            },
            close: () => undefined,
          }
        },
      },
      inPostgres(THEIRS, count => `bench_free_pages(${pages}, ${live}, ${count})`),
    ],
    comparisons: [{ ours: OURS, theirs: THEIRS, goal: { times } }],
    lengths: LENGTHS,
  }
}

export const freePages: Trial = {
  name: 'free-pages',
  what: 'the free page manager under churn, against PostgreSQL',
  races: [
    churn({ pages: 16_384, live: 100 }, 1),
    churn({ pages: 262_144, live: 1_000 }, 1),
    churn({ pages: 1_048_576, live: 10_000 }, 0.5),
  ],
}
