/** The free page manager under churn at three sizes, against PostgreSQL's own. */
import { inPostgres } from '../contenders/postgres.js'
import { type ChurnSize, FreePageChurn } from '../free-page-churn.js'
import type { Lengths, Race, Trial } from '../trial.js'

const OURS = 'FreePageManager'
const THEIRS = "PostgreSQL's freepage.c"
const LONGEST = 64

const LENGTHS: Lengths = {
  full: { warmUp: 40, batch: 10_000, samples: 10, turns: 25 },
  quick: { warmUp: 20, batch: 5_000, samples: 4, turns: 8 },
  tiny: { warmUp: 0, batch: 20, samples: 1, turns: 1 },
}

function churn(size: ChurnSize, times: number): Race {
  const { pages, live, longest } = size
  const name = `free pages: ${pages.toLocaleString('en-US')} / ${live.toLocaleString('en-US')} live`
  return {
    name,
    what: `${name}; one put and one get of 1 to ${longest} pages`,
    contenders: [
      {
        name: OURS,
        open() {
          const work = new FreePageChurn(size)
          return { batch: count => work.steps(count), close: () => undefined }
        },
      },
      inPostgres(THEIRS, count => `bench_free_pages(${pages}, ${live}, ${longest}, ${count})`),
    ],
    comparisons: [{ ours: OURS, theirs: THEIRS, goal: { times } }],
    lengths: LENGTHS,
  }
}

export const freePages: Trial = {
  name: 'free-pages',
  what: 'the free page manager under churn, against PostgreSQL',
  races: [
    churn({ pages: 16_384, live: 100, longest: LONGEST }, 1),
    churn({ pages: 262_144, live: 1_000, longest: LONGEST }, 1),
    churn({ pages: 1_048_576, live: 10_000, longest: LONGEST }, 0.5),
  ],
}
