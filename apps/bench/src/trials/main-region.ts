/** Segments out of the main region, where no system call is made, beside PostgreSQL's own code. */
import { inPostgres } from '../contenders/postgres.js'
import { attacher, creator, mainRegion, PAGE_BYTES } from '../contenders/segments.js'
import type { Contender, Lengths, Race, Trial } from '../trial.js'

const IMPL = 'posix'
const LIVE = 500

const NANOSECONDS: Lengths = {
  full: { warmUp: 50, batch: 5_000, samples: 10, turns: 30 },
  quick: { warmUp: 30, batch: 2_000, samples: 5, turns: 8 },
  tiny: { warmUp: 0, batch: 5, samples: 1, turns: 1 },
}

/** What a first touch costs besides; it is made by the library then. */
const zeroing: Contender = {
  name: 'zeroing one page',
  open() {
    const bytes = new Uint8Array(PAGE_BYTES)
    return {
      batch(count) {
        for (let done = 0; done < count; done++) bytes.fill(0)
      },
      close: () => undefined,
    }
  },
}

const creates = (name: string, what: string, live: number, times: number): Race => ({
  name,
  what,
  contenders: [
    creator('dsm.create, detach', { impl: IMPL, options: mainRegion(), live }),
    inPostgres('dsm_create, dsm_detach', count => `bench_create_detach(${live}, ${count})`),
    ...(live === 0 ? [zeroing] : []),
  ],
  comparisons: [{ ours: 'dsm.create, detach', theirs: 'dsm_create, dsm_detach', goal: { times } }],
  lengths: NANOSECONDS,
})

const attaches: Race = {
  name: 'main region: attach + detach',
  what: 'attach + detach, main region, buffer untouched',
  contenders: [
    attacher('dsm.attach, detach', { impl: IMPL, options: mainRegion() }),
    inPostgres('dsm_attach, dsm_detach', count => `bench_attach_detach(${count})`),
  ],
  comparisons: [
    { ours: 'dsm.attach, detach', theirs: 'dsm_attach, dsm_detach', goal: { times: 1.5 } },
  ],
  lengths: NANOSECONDS,
}

const MICROSECONDS: Lengths = {
  full: { warmUp: 30, batch: 200, samples: 10, turns: 30 },
  quick: { warmUp: 20, batch: 100, samples: 5, turns: 8 },
  tiny: { warmUp: 0, batch: 5, samples: 1, turns: 1 },
}

function touched(name: string, what: string, contender: typeof creator): Race {
  const setting = { impl: IMPL, options: mainRegion() }
  return {
    name,
    what: `${what}, main region, buffer touched`,
    contenders: [
      contender('touched', { ...setting, touch: true }),
      contender('untouched', setting),
    ],
    comparisons: [{ ours: 'touched', theirs: 'untouched', goal: { plusNs: 10_000 } }],
    lengths: MICROSECONDS,
  }
}

const WORK = 'create + detach, main region, 4 KiB, buffer untouched'

export const mainRegionTrial: Trial = {
  name: 'main-region',
  what: 'segments out of the main region, against PostgreSQL',
  races: [
    creates('main region: create + detach', `${WORK}, nothing else live`, 0, 1),
    creates(`main region: create + detach, ${LIVE} live`, `${WORK}, ${LIVE} live`, LIVE, 0.7),
    attaches,
    touched('main region: create + detach, touched', 'create + detach', creator),
    touched('main region: attach + detach, touched', 'attach + detach', attacher),
  ],
}
