/**
 * What a campaign is: something that runs for as long as asked, from a seed, and ends in one line
 * of figures. It looks for bugs that no unit test finds, so it says precisely what it found, and a
 * canary, a bug put in on purpose, shows that it can find something at all.
 * One file in campaigns/ for each; registry.ts lists them.
 */

export const BACKENDS = ['posix', 'sysv', 'mmap'] as const
export type Backend = (typeof BACKENDS)[number]

export interface CampaignOptions {
  /** uint32; decides what is done, though not in which order processes get to run. */
  readonly seed: number
  /** How long to go on, all backends together. Campaigns of a fixed length do not heed it. */
  readonly seconds: number
  /** A fixed length, where a campaign has one. */
  readonly cycles: number
  readonly backends: readonly Backend[]
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
  /** Names of the bugs that can be put in; each must turn the campaign red. */
  readonly canaries: readonly string[]
  /** What it needs and this machine has not, as `needs strace`; null or absent: nothing. */
  whyNot?(): string | null
  run(options: CampaignOptions): Promise<Outcome>
}

/** The one line in which every campaign ends. */
export function closingLine(campaign: Campaign, seed: number, outcome: Outcome): string {
  const { figures, problems } = outcome
  const counted = Object.entries(figures).map(([name, value]) => `${name} ${readable(value)}`)
  const verdict = problems.length === 0 ? 'ok' : `${problems.length} problems`
  return `${campaign.name} (seed ${seed}): ${counted.join(', ')}: ${verdict}`
}

const readable = (value: number | string): string =>
  typeof value === 'string' ? value : value.toLocaleString('en-US', { maximumFractionDigits: 1 })
