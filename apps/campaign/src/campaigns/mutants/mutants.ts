/**
 * Do the campaigns notice bugs? Each mutant is a bug put into a copy of dsm's source; the campaign
 * that it names is run from the copy, and must be red, or hang. Before that, the same campaign has
 * to be green there without the bug, or it would prove nothing.
 * What it does not show: that there are no other bugs which nothing notices.
 */
import type { Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { list, QUICK } from './list.js'
import { type Mutant, type Trial, wordsOf } from './mutant.js'
import { needs, runWithin } from './sandbox.js'
import { Workshop } from './workshop.js'

/** Twice what the longest short form takes. */
const HUNG_AFTER_MS = 60_000
const SHOWN_MAX = 160

/** Changes nothing: whoever calls it caught is not looking. */
const CANARY: Mutant = {
  name: 'a comment',
  file: 'packages/control/src/recovery.ts',
  from: 'Seed: nothing. PostgreSQL restarts every process instead.',
  to: 'Seed: nothing.',
  campaign: 'model',
  cycles: 50,
  backend: 'posix',
}

interface Verdict {
  readonly red: boolean
  /** The first thing that it found. */
  readonly how: string
}

class Trials {
  readonly problems: string[] = []
  readonly #options: CampaignOptions
  readonly #workshop = new Workshop()
  /** What each command, as one word, found without any mutant. */
  readonly #unspoilt = new Map<string, Verdict>()

  constructor(options: CampaignOptions) {
    this.#options = options
  }

  /** True if it was caught. */
  async try(mutant: Mutant): Promise<boolean> {
    const { name, campaign } = mutant
    const before = await this.#beforehand(mutant)
    if (before.red) {
      this.problems.push(`${campaign} is red before "${name}" is put in: ${before.how}`)
      return false
    }
    try {
      this.#workshop.spoil(mutant)
      const { red, how } = await this.#run(mutant)
      this.#options.say(`${name}: ${red ? 'caught' : 'NOT CAUGHT'} by ${campaign}: ${how}`)
      if (!red) this.problems.push(`not caught by ${campaign}: "${name}" in ${mutant.file}`)
      return red
    } catch (error) {
      this.problems.push(`"${name}" could not be put in: ${(error as Error).message}`)
      return false
    } finally {
      this.#workshop.restore(mutant)
    }
  }

  end(): void {
    this.#workshop.remove()
  }

  async #beforehand(trial: Trial): Promise<Verdict> {
    const key = wordsOf(trial, this.#options.seed).join(' ')
    const verdict = this.#unspoilt.get(key) ?? (await this.#run(trial))
    this.#unspoilt.set(key, verdict)
    return verdict
  }

  async #run(trial: Trial): Promise<Verdict> {
    const words = wordsOf(trial, this.#options.seed)
    const command = [process.execPath, this.#workshop.campaignMain, ...words]
    const env = { TMPDIR: this.#workshop.temporary }
    const { code, stdout, stderr } = await runWithin(command, env, HUNG_AFTER_MS)
    if (code === null) return { red: true, how: 'it hung' }
    const found = /^problem: (.*)$/m.exec(stdout)?.[1] ?? firstLine(code === 0 ? stdout : stderr)
    return { red: code !== 0, how: found.slice(0, SHOWN_MAX) }
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? ''

/** Those asked for by name, or all. */
function chosen({ canary, short }: CampaignOptions): readonly Mutant[] {
  if (canary !== null) return [CANARY]
  const asked = process.env.DSM_MUTANTS?.split(',')
  if (asked !== undefined) return list.filter(({ name }) => asked.includes(name))
  return short ? list.filter(({ name }) => QUICK.includes(name)) : list
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const why = needs()
  if (why !== null) return { figures: {}, problems: [`it cannot run here: ${why}`] }
  const started = performance.now()
  const mutants = chosen(options)
  const trials = new Trials(options)
  let caught = 0
  try {
    for (const mutant of mutants) if (await trials.try(mutant)) caught++
  } finally {
    trials.end()
  }
  const campaigns = new Set(mutants.map(({ campaign }) => campaign)).size
  const seconds = (performance.now() - started) / 1000
  const figures = { caught: `${caught} of ${mutants.length}`, campaigns, seconds }
  return { figures, problems: trials.problems }
}

export const mutants: Campaign = {
  name: 'mutants',
  summary: 'bugs put into the source on purpose: the campaign that each names notices',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 0, cycles: 0 },
  needs,
  canaries: ['comment'],
  run,
}
