/**
 * The short form of every campaign is green, and red with each of its canaries. A campaign that is
 * added to the registry is tested here without a line more.
 */
import { expect, test } from 'vitest'
import { BACKENDS, type CampaignOptions, closingLine, TIERS } from '../src/campaign.js'
import { campaigns } from '../src/registry.js'

const SEED = Number(process.env.DSM_SEED ?? 1)
const quiet = () => undefined

const all = campaigns.flatMap(campaign => [
  { campaign, canary: null, name: `${campaign.name} finds nothing` },
  ...campaign.canaries.map(canary => ({
    campaign,
    canary,
    name: `${campaign.name} notices the canary "${canary}"`,
  })),
])

const missing = ({ campaign }: (typeof all)[number]) => campaign.needs?.() ?? null
const possible = all.filter(one => missing(one) === null)

for (const one of all) {
  const why = missing(one)
  if (why !== null) test.skip(`${one.name} — ${why}`)
}

test.for(possible)(`$name (DSM_SEED=${SEED})`, async ({ campaign, canary }, { skip }) => {
  const { short } = campaign
  const backends: CampaignOptions['backends'] = canary === null ? BACKENDS : ['posix']
  const outcome = await campaign.run({
    ...short,
    short: true,
    seed: SEED,
    tiers: TIERS,
    node: null,
    operations: null,
    backends,
    canary,
    say: quiet,
  })
  if (canary === null) {
    console.log(closingLine(campaign, SEED, outcome))
    expect(outcome.problems).toEqual([])
    const { notRun = [] } = outcome
    if (notRun.length > 0) skip(`needs what this machine lacks: ${notRun.join(', ')}`)
  } else {
    expect(outcome.problems).not.toEqual([])
  }
})

test('names are told apart, and every campaign has a canary', () => {
  expect(new Set(campaigns.map(({ name }) => name)).size).toBe(campaigns.length)
  expect(campaigns.filter(({ canaries }) => canaries.length === 0)).toEqual([])
})
