/**
 * Two deaths, one upon the other: a member is killed somewhere in an operation, and the one that
 * finds out, by sweeping, by joining in its place, by taking its lock or by mending an operation of
 * its own, is killed somewhere in that. A third one then goes on, and finds all as it was.
 */
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { drive } from '../kill/drivers.js'
import { operations } from '../kill/operations.js'
import { type PairsUnit, REGIONS } from '../kill/work.js'
import { Random } from '../random.js'

/** What the second one does. */
const SECONDS = ['recover', 'join', 'create', 'reconcile']
const SAMPLE = 5

/** What the first one does: any operation among others that leaves them a group. */
const FIRSTS = Object.entries(operations).flatMap(([name, { groups, dead }]) =>
  groups.includes('busy') && dead === undefined && name !== 'shutdown' ? [name] : [],
)

function run(options: CampaignOptions): Promise<Outcome> {
  const { seed, seconds, cycles, backends, canary, short } = options
  const random = new Random(seed)
  const until = seconds > 0 ? Date.now() + seconds * 1000 : Number.MAX_SAFE_INTEGER
  const samples = Math.ceil((canary === null ? cycles : 1) / SAMPLE)
  const sampled = samples > 0 || seconds > 0
  const units = sampled
    ? Array.from({ length: samples || 10_000 }, () => sample(backends, random, until))
    : everything(backends, until)
  const round = { units, random, noun: 'pairs' }
  const tiers = short ? [random.pick(options.tiers)!] : options.tiers
  return drive(
    options,
    tiers.map(tier => ({ ...round, tier })),
  )
}

const sample = (backends: readonly Backend[], random: Random, until: number): PairsUnit => ({
  type: 'pairs',
  backend: random.pick(backends)!,
  regionBytes: random.pick(REGIONS)!,
  first: random.pick(FIRSTS)!,
  second: random.pick(SECONDS)!,
  pairs: SAMPLE,
  until,
})

const everything = (backends: readonly Backend[], until: number): PairsUnit[] =>
  backends.flatMap(backend =>
    REGIONS.flatMap(regionBytes =>
      SECONDS.flatMap(second =>
        FIRSTS.map(
          (first): PairsUnit => ({
            type: 'pairs',
            backend,
            regionBytes,
            first,
            second,
            pairs: null,
            until,
          }),
        ),
      ),
    ),
  )

export const doubleKill: Campaign = {
  name: 'double-kill',
  summary: 'kill who deals with a death while it does: a third one finds everything right',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 0, cycles: 50 },
  canaries: ['orphan', 'lost', 'miscount'],
  run,
}
