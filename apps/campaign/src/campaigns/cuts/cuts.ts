/**
 * Stops JavaScript of one member in the middle of its operations, while the member lives on: by a
 * `vm` timeout at any instruction or at a given store, by an overflow of the stack, by exceptions
 * out of stores, callbacks and the mechanism, by terminating a thread. After each cut the member's
 * next operation must go as if nothing had been, and so must everybody else's; in the end nothing
 * is left. What it does not do: kill processes.
 */

import { openDsm } from '@dsm/core'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { Child } from '../../child.js'
import { groupDirectory, isGone } from '../../machine.js'
import { Random } from '../../random.js'
import { type CutOptions, type CutReport, WAYS } from './cut-protocol.js'

const REGIONS = [0, 1 << 20]
/** One process is not cut for ever: V8 and the heap get old. */
const PROCESS_MS_MAX = 4_000
const WATCHDOG_MS = 60_000
/** Those that a cut at the end of a join left; what else is lost goes with a collection. */
const MAPPINGS_MAX = 8

class Cuts {
  readonly problems: string[] = []
  readonly figures: Record<string, number> = { processes: 0, rounds: 0 }
  readonly #options: CampaignOptions
  readonly #random: Random

  constructor(options: CampaignOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  /** One process after another in one setting, until the time is over. */
  async run(backend: Backend, region: number, milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds
    while (performance.now() < end && this.problems.length === 0) {
      await this.#process(backend, region, Math.min(PROCESS_MS_MAX, end - performance.now()))
    }
  }

  async #process(backend: Backend, region: number, milliseconds: number): Promise<void> {
    const { canary, operations } = this.#options
    const ways = WAYS.filter(way => operations?.includes(way) ?? true)
    const group = `cuts-${process.pid}-${this.#count('processes', 1)}`
    const seed = this.#random.fork()
    const options: CutOptions = { group, backend, region, seed, milliseconds, ways, canary }
    const args = [JSON.stringify(options)]
    const child = new Child('campaigns/cuts/cut-child', { args, watchdogMs: WATCHDOG_MS })
    const tell = (problem: string): void => {
      this.problems.push(`${backend}, main region ${region} (seed ${seed}): ${problem}`)
    }
    const report = await child.message<CutReport>().catch((error: Error) => {
      tell(error.message)
      return null
    })
    await child.ended
    if (report !== null) this.#add(report, tell)
    // Members that nobody could close have left by the death of their process.
    openDsm({ name: group, impl: backend }).close()
    if (!isGone(groupDirectory(group))) tell(`left behind: ${groupDirectory(group)}`)
  }

  #add(report: CutReport, tell: (problem: string) => void): void {
    for (const problem of report.problems) tell(problem)
    for (const way of WAYS) {
      this.#count('rounds', report.rounds[way])
      this.#count(`cut by ${way}`, report.cuts[way])
    }
    this.#count('reconciled', report.reconciled)
    this.#count('unreachable members', report.unreachable)
    this.#count('descriptors grown', report.descriptorsGrown)
    if (report.mappingsGrown > MAPPINGS_MAX) {
      tell(`${report.mappingsGrown} more mappings than before`)
    }
  }

  #count(name: string, by: number): number {
    this.figures[name] = (this.figures[name] ?? 0) + by
    return this.figures[name]
  }
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const { backends, canary, seconds } = options
  const cuts = new Cuts(options)
  const settings = backends.flatMap(backend => REGIONS.map(region => ({ backend, region })))
  for (const { backend, region } of canary === null ? settings : settings.slice(0, 1)) {
    await cuts.run(backend, region, (seconds * 1000) / settings.length)
  }
  return { figures: { backends: backends.join('+'), ...cuts.figures }, problems: cuts.problems }
}

export const cuts: Campaign = {
  name: 'cuts',
  summary: 'JavaScript is stopped in the middle of operations: its member and the others go on',
  defaults: { seconds: 60, cycles: 0 },
  short: { seconds: 9, cycles: 0 },
  operations: WAYS,
  canaries: ['busy', 'orphan', 'lost'],
  run,
}
