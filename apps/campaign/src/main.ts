/**
 * `pnpm campaign <name> [options]`: runs one campaign and prints what it found, then its line of
 * figures. Exit 0: nothing found (with --canary: the canary was noticed). 1: something found.
 * 2: used wrongly.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { BACKENDS, type Backend, type Campaign, closingLine, TIERS, type Tier } from './campaign.js'
import { campaigns } from './registry.js'

const described = ({ name, summary, canaries }: Campaign): string =>
  `  ${name.padEnd(12)} ${summary}\n${' '.repeat(15)}canaries: ${canaries.join(', ')}`

const USAGE = `pnpm campaign <name> [--seed N] [--for SECONDS] [--cycles N]
                     [--impl posix|sysv|mmap]... [--canary NAME|all] [--short]
                     [--tier interpreter|baseline|default]... [--node PATH]
                     [--operation NAME]...

${campaigns.map(described).join('\n')}`

const PROBLEMS_SHOWN_MAX = 20

class UsageError extends Error {}

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      for: { type: 'string' },
      cycles: { type: 'string' },
      impl: { type: 'string', multiple: true },
      canary: { type: 'string' },
      short: { type: 'boolean' },
      tier: { type: 'string', multiple: true },
      node: { type: 'string' },
      operation: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
      list: { type: 'boolean' },
    },
  })
  if (values.help || values.list) return null
  const campaign = campaigns.find(({ name }) => name === positionals[0])
  if (campaign === undefined || positionals.length !== 1) throw new UsageError('name one campaign')
  const short = values.short ?? false
  const length = short ? campaign.short : campaign.defaults
  return {
    campaign,
    short,
    tiers: values.tier?.map(asTier) ?? TIERS,
    node: values.node ?? null,
    operations: values.operation?.map(name => asOperation(campaign, name)) ?? null,
    seed: wholeNumber('--seed', values.seed) ?? randomInt(2 ** 32),
    seconds: wholeNumber('--for', values.for) ?? length.seconds,
    cycles: wholeNumber('--cycles', values.cycles) ?? length.cycles,
    backends: values.impl?.map(asBackend) ?? BACKENDS,
    canaries: canariesOf(campaign, values.canary),
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`${option} is a whole number, not "${text}"`)
  return Number(text)
}

function asBackend(text: string): Backend {
  const backend = BACKENDS.find(name => name === text)
  if (backend === undefined) throw new UsageError(`--impl is one of ${BACKENDS.join(', ')}`)
  return backend
}

function asTier(text: string): Tier {
  const tier = TIERS.find(name => name === text)
  if (tier === undefined) throw new UsageError(`--tier is one of ${TIERS.join(', ')}`)
  return tier
}

function asOperation({ name, operations = [] }: Campaign, text: string): string {
  if (operations.includes(text)) return text
  const known =
    operations.length === 0 ? 'not for this campaign' : `one of ${operations.join('; ')}`
  throw new UsageError(`--operation of ${name} is ${known}`)
}

function canariesOf({ canaries }: Campaign, asked: string | undefined): readonly (string | null)[] {
  if (asked === undefined) return [null]
  if (asked === 'all') return canaries
  if (canaries.includes(asked)) return [asked]
  throw new UsageError(`--canary is "all" or one of ${canaries.join(', ')}`)
}

type Plan = NonNullable<ReturnType<typeof parse>>

/** True: as it should be. */
async function run(plan: Plan, canary: string | null): Promise<boolean> {
  const { campaign, canaries: _, ...options } = plan
  const { seed } = options
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const outcome = await campaign.run({ ...options, canary, say })
  for (const problem of outcome.problems.slice(0, PROBLEMS_SHOWN_MAX)) {
    console.log(`${canary === null ? 'problem' : 'canary noticed'}: ${problem}`)
  }
  console.log(closingLine(campaign, seed, outcome))
  const red = outcome.problems.length > 0
  if (canary !== null) console.log(`canary ${canary}: ${red ? 'noticed, ok' : 'NOT NOTICED'}`)
  return red === (canary !== null)
}

async function main(): Promise<number> {
  const plan = parse()
  if (plan === null) {
    console.log(USAGE)
    return 0
  }
  let fine = true
  for (const canary of plan.canaries) fine = (await run(plan, canary)) && fine
  return fine ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 2
}
