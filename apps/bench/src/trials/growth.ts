/** How the cost of a segment grows: with segments that are live, members that joined, and size. */

import { Companion } from '../companion.js'
import { attacher, attaching, creating, creator, mainRegion } from '../contenders/segments.js'
import { groupName } from '../group.js'
import type { Comparison, Contender, Lengths, Race, Trial } from '../trial.js'

const MAX_SEGMENTS = 16_384
const LIVE = [1, 10, 100, 1_000, 10_000]
const MEMBERS = [1, 2, 4, 8, 16]
const FLAT = { times: 1.3 }

const LENGTHS: Lengths = {
  full: { warmUp: 50, batch: 2_000, samples: 10, turns: 20 },
  quick: { warmUp: 30, batch: 1_000, samples: 4, turns: 5 },
  tiny: { warmUp: 0, batch: 5, samples: 1, turns: 1 },
}

const inEnglish = (count: number): string => count.toLocaleString('en-US')

const atLive = (contender: typeof creator): Contender[] =>
  LIVE.map(live => ({
    ...contender(`${inEnglish(live)} live`, {
      impl: 'posix',
      options: mainRegion(live, MAX_SEGMENTS),
      live,
    }),
    at: live,
    ...(live > 1_000 ? { notTiny: true } : {}),
  }))

/** Held against 10, as one alone is often a case of its own. */
const flat = (live: number, goal: Comparison['goal']): Comparison => ({
  ours: `${inEnglish(live)} live`,
  theirs: '10 live',
  goal,
})

const segmentsRace = (work: string, contender: typeof creator, goal: Comparison['goal']): Race => ({
  name: `${work} beside live segments`,
  what: `${work}, main region, maxSegments ${inEnglish(MAX_SEGMENTS)}`,
  axis: 'live segments',
  contenders: atLive(contender),
  comparisons: [flat(1_000, goal), flat(10_000, goal)],
  lengths: LENGTHS,
})

export const liveSegments: Trial = {
  name: 'live-segments',
  what: 'does it cost more when many segments are live?',
  races: [
    segmentsRace('attach + detach', attacher, FLAT),
    segmentsRace('create + detach', creator, null),
  ],
}

/** The others only joined. */
const amongMembers = (members: number): Contender => ({
  name: `${members} ${members === 1 ? 'member' : 'members'}`,
  at: members,
  ...(members > 2 ? { notTiny: true } : {}),
  async open() {
    const subject = creating({ impl: 'posix', options: mainRegion() })
    const others: Companion[] = []
    for (let joined = 1; joined < members; joined++) {
      const other = new Companion('role-child', ['idle', groupName()])
      await other.next()
      others.push(other)
    }
    return {
      batch: count => subject.batch(count),
      async close() {
        await Promise.all(others.map(other => other.close()))
        await subject.close()
      },
    }
  },
})

export const joinedMembers: Trial = {
  name: 'joined-members',
  what: 'does it cost more when many members have joined?',
  races: [
    {
      name: 'create + detach among members',
      what: 'create + detach, main region; the other members do nothing',
      axis: 'members',
      contenders: MEMBERS.map(amongMembers),
      comparisons: [{ ours: '16 members', theirs: '1 member', goal: null }],
      lengths: LENGTHS,
    },
  ],
}

const KIB = 2 ** 10
const MIB = 2 ** 20
const GIB = 2 ** 30
/** The largest is what Node 20 can map. */
const SIZES: readonly (readonly [string, number])[] = [
  ['4 KiB', 4 * KIB],
  ['64 KiB', 64 * KIB],
  ['1 MiB', MIB],
  ['16 MiB', 16 * MIB],
  ['256 MiB', 256 * MIB],
  ['1 GiB', GIB],
  ['4 GiB', 4 * GIB],
]

/** A sample is to fill no more than this much memory, and large ones are few. */
const FILLED_BYTES = 4 * MIB

function ofSize([name, size]: readonly [string, number], work: typeof creating): Contender {
  const filled = work === creating
  return {
    name,
    at: size,
    ...(size > MIB ? { notTiny: true } : {}),
    length: length => ({
      ...length,
      batch: filled ? Math.max(1, Math.min(length.batch, FILLED_BYTES / size)) : length.batch,
      samples: filled && size > 16 * MIB ? 1 : length.samples,
      warmUp: filled && size > 16 * MIB ? 0 : length.warmUp,
    }),
    open: () => work({ impl: 'posix', size }),
  }
}

const sizeRace = (name: string, work: typeof creating, lengths: Lengths): Race => ({
  name,
  what: `${name}, posix, buffer untouched`,
  axis: 'bytes',
  contenders: SIZES.map(size => ofSize(size, work)),
  comparisons: [{ ours: '4 GiB', theirs: '4 KiB', goal: null }],
  lengths,
})

export const sizes: Trial = {
  name: 'sizes',
  what: 'what does size cost?',
  races: [
    sizeRace('create + destroy by size', creating, {
      full: { warmUp: 5, batch: 100, samples: 4, turns: 5 },
      quick: { warmUp: 2, batch: 20, samples: 2, turns: 2 },
      tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
    }),
    sizeRace('attach + detach by size', attaching, {
      full: { warmUp: 20, batch: 100, samples: 5, turns: 10 },
      quick: { warmUp: 10, batch: 50, samples: 2, turns: 3 },
      tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
    }),
  ],
}
