/** Several members at the same group at once: each in a process of its own, for the same time. */
import { Companion } from '../companion.js'
import { mainRegion } from '../contenders/segments.js'
import { groupName, makeGroup } from '../group.js'
import type { Contender, Lengths, Race, Scale, Trial } from '../trial.js'

const MEMBERS = [1, 2, 4, 8, 16]
const NS_PER_MS = 1e6

const spanOf = (scale: Scale): number => ({ tiny: 2, quick: 100, full: 150, long: 300 })[scale]

/** Of each member, alone: among many it would take far longer until its code is compiled. */
const warmUpOf = (scale: Scale): number => (scale === 'tiny' ? 5 : 40_000)

const LENGTHS: Lengths = {
  full: { warmUp: 2, batch: 1, samples: 1, turns: 15 },
  quick: { warmUp: 1, batch: 1, samples: 1, turns: 3 },
  tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
}

const membersNamed = (members: number): string =>
  `${members} ${members === 1 ? 'member' : 'members'}`

/** @param value of how often each of them did it within `spanMs` */
function together(
  members: number,
  role: string,
  value: (counts: readonly number[], spanMs: number) => number,
): Contender {
  return {
    name: membersNamed(members),
    at: members,
    ...(members > 2 ? { notTiny: true } : {}),
    async open(scale) {
      const dsm = makeGroup('posix', mainRegion())
      const { handle } = dsm.create(4096)
      const all: Companion[] = []
      const words = [role, groupName(), String(handle), String(warmUpOf(scale))]
      for (let begun = 0; begun < members; begun++) {
        const companion = new Companion('role-child', words)
        await companion.next()
        all.push(companion)
      }
      const spanMs = spanOf(scale)
      return {
        async batch() {
          const counts = await Promise.all(all.map(companion => companion.ask(spanMs)))
          return value(counts as number[], spanMs)
        },
        async close() {
          await Promise.all(all.map(companion => companion.close()))
          dsm.close()
        },
      }
    },
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)

const nsForOne = (counts: readonly number[], spanMs: number): number =>
  (spanMs * NS_PER_MS) / sum(counts)

/** What the least lucky got, over an equal share. */
const leastShare = (counts: readonly number[]): number =>
  (Math.min(...counts) * counts.length) / sum(counts)

const rateOfOne = { rate: 0.7 }

const creation: Race = {
  name: 'create + detach at once',
  what: 'create + detach, main region, members at once: time by what all did together',
  axis: 'members',
  contenders: MEMBERS.map(members => together(members, 'creator', nsForOne)),
  comparisons: MEMBERS.slice(1).map(members => ({
    ours: membersNamed(members),
    theirs: membersNamed(1),
    goal: rateOfOne,
  })),
  lengths: LENGTHS,
}

const locking: Race = {
  name: 'lock + unlock at once',
  what: 'LWLock acquire + release, members at once: time by what all did together',
  axis: 'members',
  contenders: MEMBERS.slice(0, 4).map(members => together(members, 'locker', nsForOne)),
  comparisons: [{ ours: membersNamed(8), theirs: membersNamed(1), goal: null }],
  lengths: LENGTHS,
}

const fairness: Race = {
  name: 'lock: share of the least lucky',
  what: 'LWLock acquire + release at once: how much of an equal share the least lucky member got',
  unit: 'share',
  axis: 'members',
  contenders: MEMBERS.slice(1, 4).map(members => together(members, 'locker', leastShare)),
  comparisons: [],
  lengths: LENGTHS,
}

export const membersAtOnce: Trial = {
  name: 'members-at-once',
  what: 'members that make segments at once, against one alone',
  races: [creation],
}

export const contendedLock: Trial = {
  name: 'contended-lock',
  what: 'one lock, wanted by all at once',
  races: [locking, fairness],
}
