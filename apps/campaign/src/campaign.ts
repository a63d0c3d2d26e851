/**
 * What a campaign is: something that runs for as long as asked, from a seed, and ends in one line
 * of figures. It looks for bugs that no unit test finds, so it says precisely what it found, and a
 * canary, a bug put in on purpose, shows that it can find something at all.
 * One file in campaigns/ for each; registry.ts lists them.
 */

export const BACKENDS = ['posix', 'sysv', 'mmap'] as const
export type Backend = (typeof BACKENDS)[number]

/** What V8 makes of JavaScript: bytecode, unoptimised machine code, or whatever it likes. */
export const TIERS = ['interpreter', 'baseline', 'default'] as const
export type Tier = (typeof TIERS)[number]

export interface CampaignOptions {
  /** uint32; decides what is done, though not in which order processes get to run. */
  readonly seed: number
  /** How long to go on, all backends together. Campaigns of a fixed length do not heed it. */
  readonly seconds: number
  /** A fixed length, where a campaign has one. */
  readonly cycles: number
  readonly backends: readonly Backend[]
  /** What `npm test` runs: as little as shows everything. */
  readonly short: boolean
  /** How V8 is to run child processes, one after the other, where that makes a difference. */
  readonly tiers: readonly Tier[]
  /** The Node that runs such child processes; null: this one. */
  readonly node: string | null
  /** Those of the campaign's own `operations` that were asked for; null: all. */
  readonly operations: readonly string[] | null
  /** The bug to put in; null: none. */
  readonly canary: string | null
  /** For people who watch. */
  readonly say: (line: string) => void
}

export interface Outcome {
  /** What was seen, in the order of the closing line. */
  readonly figures: Readonly<Record<string, number | string>>
  /** What must not be. Empty: the campaign is green. */
  readonly problems: readonly string[]
  /** What this machine lacks the means for, each with its reason. */
  readonly notRun?: readonly string[]
}

/** How far to go; a campaign heeds one of the two. */
export interface Length {
  readonly seconds: number
  readonly cycles: number
}

export interface Campaign {
  readonly name: string
  /** One sentence: what it does, and what it would notice. */
  readonly summary: string
  readonly defaults: Length
  /** What `npm test` runs. */
  readonly short: Length
  /** What this machine lacks for it, as "needs …"; null: nothing. */
  needs?(): string | null
  /** Of which some can be asked for; without: it is always all. */
  readonly operations?: readonly string[]
  /** Names of the bugs that can be put in; each must turn the campaign red. */
  readonly canaries: readonly string[]
  run(options: CampaignOptions): Promise<Outcome>
}

/** The one line in which every campaign ends. */
export function closingLine(campaign: Campaign, seed: number, outcome: Outcome): string {
  const { figures, problems, notRun = [] } = outcome
  const counted = Object.entries(figures).map(([name, value]) => `${name} ${readable(value)}`)
  const verdict = problems.length === 0 ? 'ok' : `${problems.length} problems`
  const lacking = notRun.length === 0 ? '' : `; not run: ${notRun.join(', ')}`
  return `${campaign.name} (seed ${seed}): ${counted.join(', ')}: ${verdict}${lacking}`
}

const readable = (value: number | string): string =>
  typeof value === 'string' ? value : value.toLocaleString('en-US', { maximumFractionDigits: 1 })
