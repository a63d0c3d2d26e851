/**
 * Two deaths, one upon the other: a member is killed somewhere in an operation, and the one that
 * finds out, by sweeping, by joining in its place, by taking its lock or by mending an operation of
 * its own, is killed somewhere in that. A third one then goes on, and finds all as it was.
 */
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { deadlines, drive, type Round } from '../kill/drivers.js'
import { operations } from '../kill/operations.js'
import { needs } from '../kill/probe.js'
import { type PairsUnit, REGIONS } from '../kill/work.js'
import { Random } from '../random.js'

/** What the second one does. */
const SECONDS = ['recover', 'join', 'create', 'reconcile']
const SAMPLE = 5
/** Far more than any time is enough for. */
const SAMPLES_MAX = 20_000

/** What the first one does: any operation among others that leaves them a group. */
const FIRSTS = Object.entries(operations).flatMap(([name, { groups, dead }]) =>
  groups.includes('busy') && dead === undefined && name !== 'shutdown' ? [name] : [],
)

function run(options: CampaignOptions): Promise<Outcome> {
  const { seed, seconds, cycles, backends, canary, short } = options
  const firsts = options.operations ?? FIRSTS
  const random = new Random(seed)
  const tiers = short || canary !== null ? [random.pick(options.tiers)!] : options.tiers
  const ends = deadlines(seconds, tiers.length)
  const regions = canary === null ? REGIONS : [0] // the canaries are put into the first slot
  const pairs = canary === null ? cycles : 1
  const samples = pairs > 0 ? Math.ceil(pairs / SAMPLE) : seconds > 0 ? SAMPLES_MAX : 0
  const rounds = tiers.map((tier, index): Round => {
    const until = ends[index]!
    const some = Array.from({ length: samples }, () =>
      sample(firsts, backends, regions, random, until),
    )
    return {
      units: samples > 0 ? some : everything(firsts, backends, until),
      tier,
      random,
      noun: 'pairs',
    }
  })
  return drive(options, rounds)
}

const sample = (
  firsts: readonly string[],
  backends: readonly Backend[],
  regions: readonly number[],
  random: Random,
  until: number,
): PairsUnit => ({
  type: 'pairs',
  places: [{ backend: random.pick(backends)!, regionBytes: random.pick(regions)! }],
  firsts: [random.pick(firsts)!],
  second: random.pick(SECONDS)!,
  pairs: SAMPLE,
  until,
})

function everything(
  firsts: readonly string[],
  backends: readonly Backend[],
  until: number,
): PairsUnit[] {
  const places = backends.flatMap(backend => REGIONS.map(regionBytes => ({ backend, regionBytes })))
  return SECONDS.flatMap(second =>
    families(firsts).map((family): PairsUnit => {
      return { type: 'pairs', places, firsts: family, second, pairs: null, until }
    }),
  )
}

/** Those that begin in the same group; each of the others by itself. */
function families(firsts: readonly string[]): string[][] {
  const found = new Map<string, string[]>()
  for (const first of firsts) {
    const beginning = operations[first]?.begins ?? first
    found.set(beginning, [...(found.get(beginning) ?? []), first])
  }
  return [...found.values()]
}

export const doubleKill: Campaign = {
  name: 'double-kill',
  summary: 'kill who deals with a death while it does: a third one finds everything right',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 0, cycles: 50 },
  needs: needs,
  operations: FIRSTS,
  canaries: ['orphan', 'lost', 'miscount'],
  run,
}
