/**
 * A member is killed before every store to shared memory and before every system call, of every
 * operation, on every backend, with and without a main region, in a group of many members, in one
 * where nothing is free and in one of its own. After each death others go on with anything, all is
 * as it must be and as it was, and in the end nothing is left.
 *
 * That no state was missed is shown on the way: between two points the memory is read-only, and
 * every store to bookkeeping must have been announced by the one place that makes them.
 */
import type { Campaign, CampaignOptions, Outcome, Tier } from '../campaign.js'
import { drive, type Round } from '../kill/drivers.js'
import { operations } from '../kill/operations.js'
import type { StatesUnit } from '../kill/work.js'
import { Random } from '../random.js'

/** In which nothing needs to have died for the canaries to be noticed. */
const CANARY_OPERATION = 'create its own object'

function run(options: CampaignOptions): Promise<Outcome> {
  const { seed, seconds, backends, canary, short } = options
  const random = new Random(seed)
  const until = seconds > 0 ? Date.now() + seconds * 1000 : Number.MAX_SAFE_INTEGER
  const units = (which: StatesUnit['which'], names = Object.keys(operations)): StatesUnit[] =>
    shuffled(names, random).map(name => ({
      type: 'states',
      operation: name,
      backends,
      which,
      until,
    }))
  const round = (tier: Tier, list: StatesUnit[]): Round => {
    return { units: list, tier, random, noun: 'points' }
  }
  const [tier] = shuffled(options.tiers, random) as [Tier]
  if (canary !== null) return drive(options, [round(tier, units('first', [CANARY_OPERATION]))])
  if (short) return drive(options, [round(tier, [...units('first'), ...units('different')])])
  return drive(
    options,
    options.tiers.map(each => round(each, units('all'))),
  )
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
  canaries: ['orphan', 'lost', 'miscount', 'bypass', 'stranger'],
  run,
}
