/**
 * A member is killed before every store to shared memory and before every system call, of every
 * operation, on every backend, with and without a main region, in a group of many members, in one
 * where nothing is free and in one of its own. After each death others go on with anything, all is
 * as it must be and as it was, and in the end nothing is left.
 *
 * That no state was missed is shown on the way: between two points the memory is read-only, and
 * every store to bookkeeping must have been announced by the one place that makes them.
 */
import type { Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { deadlines, drive, type Round } from '../kill/drivers.js'
import { operations } from '../kill/operations.js'
import { needs } from '../kill/probe.js'
import type { StatesUnit } from '../kill/work.js'
import { Random } from '../random.js'

/** In which nothing needs to have died for the canaries to be noticed. */
const CANARY_OPERATION = 'create its own object'
const NAMES = Object.keys(operations)

function run(options: CampaignOptions): Promise<Outcome> {
  const { seed, backends, canary, short } = options
  const random = new Random(seed)
  const tiers = short || canary !== null ? [random.pick(options.tiers)!] : options.tiers
  const ends = deadlines(options.seconds, tiers.length)
  const names = canary === null ? (options.operations ?? NAMES) : [CANARY_OPERATION]
  const rounds = tiers.map((tier, index): Round => {
    const units = (which: StatesUnit['which']): StatesUnit[] =>
      shuffled(names, random).map(operation => {
        return { type: 'states', operation, backends, which, until: ends[index]! }
      })
    const first = canary === null ? [...units('first'), ...units('different')] : units('first')
    return { units: short || canary !== null ? first : units('all'), tier, random, noun: 'points' }
  })
  return drive(options, rounds)
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  return items.map(() => left.splice(random.below(left.length), 1)[0]!)
}

export const killStates: Campaign = {
  name: 'kill-states',
  summary: 'kill before every store and every system call of every operation: the others go on',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 30, cycles: 0 },
  needs: needs,
  operations: NAMES,
  canaries: ['orphan', 'lost', 'miscount', 'bypass', 'stranger'],
  run,
}
