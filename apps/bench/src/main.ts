/**
 * `pnpm bench [trial …] [--impl KIND] [--quick] [--json]`: measures each trial beside what it is
 * compared with, and prints one table. It asserts nothing: a missed goal is a row that says so.
 * Exit 2: used wrongly.
 */
import { parseArgs } from 'node:util'
import { measure, type Row } from './measure.js'
import { trials } from './registry.js'
import { asJson, asTable } from './report.js'
import { BACKENDS, type Backend, type Length, type Trial } from './trial.js'

const USAGE = `pnpm bench [trial …] [--impl ${BACKENDS.join('|')}]... [--quick | --tiny] [--json]

${trials.map(({ name, what }) => `  ${name.padEnd(16)} ${what}`).join('\n')}`

class UsageError extends Error {}

interface Plan {
  readonly trials: readonly Trial[]
  readonly backends: readonly Backend[]
  readonly length: 'full' | 'quick' | 'tiny'
  readonly json: boolean
}

/** null: only asked for help. */
function parse(): Plan | null {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      impl: { type: 'string', multiple: true },
      quick: { type: 'boolean' },
      tiny: { type: 'boolean' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return null
  const chosen = positionals.map(name => {
    const trial = trials.find(trial => trial.name === name)
    if (trial === undefined) throw new UsageError(`there is no trial "${name}"`)
    return trial
  })
  const backends = values.impl?.map(name => {
    const backend = BACKENDS.find(backend => backend === name)
    if (backend === undefined) throw new UsageError(`--impl is one of ${BACKENDS.join(', ')}`)
    return backend
  })
  return {
    trials: chosen.length > 0 ? chosen : trials,
    backends: backends ?? BACKENDS,
    length: values.tiny ? 'tiny' : values.quick ? 'quick' : 'full',
    json: values.json,
  }
}

async function rowsOf(plan: Plan): Promise<Row[]> {
  const rows: Row[] = []
  for (const trial of plan.trials) {
    for (const backend of trial.backends) {
      if (!plan.backends.includes(backend)) continue
      const length: Length = trial[plan.length]
      process.stderr.write(`${trial.name} ${backend} …\n`)
      rows.push(await measure(trial, backend, length))
    }
  }
  return rows
}

try {
  const plan = parse()
  if (plan === null) {
    console.log(USAGE)
  } else {
    const rows = await rowsOf(plan)
    console.log(plan.json ? asJson(rows) : asTable(rows))
  }
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 2
}
