/**
 * The short form of every campaign is green, and red with each of its canaries. A campaign that is
 * added to the registry is tested here without a line more.
 */
import { expect, test } from 'vitest'
import { BACKENDS, type CampaignOptions, closingLine } from '../src/campaign.js'
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

for (const { campaign, canary, name } of all) {
  const why = campaign.whyNot?.() ?? null
  const needs = why === null ? '' : ` — ${why}`
  test.skipIf(why !== null)(`${name} (DSM_SEED=${SEED})${needs}`, async () => {
    const { short } = campaign
    const backends: CampaignOptions['backends'] = canary === null ? BACKENDS : ['posix']
    const outcome = await campaign.run({ ...short, seed: SEED, backends, canary, say: quiet })
    if (canary === null) {
      console.log(closingLine(campaign, SEED, outcome))
      expect(outcome.problems).toEqual([])
    } else {
      expect(outcome.problems).not.toEqual([])
    }
  })
}

test('names are told apart, and every campaign has a canary', () => {
  expect(new Set(campaigns.map(({ name }) => name)).size).toBe(campaigns.length)
  expect(campaigns.filter(({ canaries }) => canaries.length === 0)).toEqual([])
})
