/**
 * `pnpm bench [trial …]`: runs each race of the trials and prints one table; `USAGE` tells the
 * options. It asserts nothing: a missed goal is a row that says so. Exit 2: used wrongly.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { equip } from './equipment.js'
import { type RaceResult, run } from './race.js'
import { trials } from './registry.js'
import { publish } from './report/publish.js'
import { asTable } from './report/table.js'
import { commit, machine, type Session } from './session.js'
import { BACKENDS, type Backend, contendersOf, type Race, type Scale, type Trial } from './trial.js'

const USAGE = `pnpm bench [trial …] [--impl ${BACKENDS.join('|')}]... [--quick | --tiny | --long]
           [--runs N] [--json] [--report]

  --impl     only these backends, where a race is about one
  --quick    fewer samples; --tiny: that it works at all; --long: more, where that is of use
  --runs     everything N times over
  --json     the figures as JSON instead of a table
  --report   also writes RESULTS.md, results.json, build/report.html, docs/images/hand-over.svg

${trials.map(({ name, what }) => `  ${name.padEnd(16)} ${what}`).join('\n')}`

class UsageError extends Error {}

interface Plan {
  readonly trials: readonly Trial[]
  readonly backends: readonly Backend[]
  readonly scale: Scale
  readonly runs: number
  readonly json: boolean
  readonly report: boolean
}

/** null: only asked for help. */
function parse(): Plan | null {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      impl: { type: 'string', multiple: true },
      runs: { type: 'string', default: '1' },
      quick: flag,
      tiny: flag,
      long: flag,
      json: flag,
      report: flag,
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError('--runs is a number of runs')
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
  const scale = values.tiny ? 'tiny' : values.quick ? 'quick' : values.long ? 'long' : 'full'
  return {
    trials: chosen.length > 0 ? chosen : trials,
    backends: backends ?? BACKENDS,
    scale,
    runs,
    json: values.json,
    report: values.report,
  }
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

async function measure({ trials, backends, scale, runs }: Plan): Promise<Session> {
  const start = performance.now()
  const [load = 0] = loadavg()
  const chosen = trials.flatMap(trial =>
    trial.races
      .filter(({ backend }) => backend === undefined || backends.includes(backend))
      .filter(race => contendersOf(race, scale).length > 0)
      .map((race): readonly [Trial, Race] => [trial, race]),
  )
  const races = chosen.map(([, race]) => race)
  const results: RaceResult[][] = chosen.map(() => [])
  const equipment = await equip(races, scale, say)
  const postgres = equipment.postgres?.version ?? null
  try {
    for (let round = 1; round <= runs; round++) {
      for (const [index, [trial, race]] of chosen.entries()) {
        say(`${runs > 1 ? `${round}/${runs} ` : ''}${race.name} …`)
        results[index]!.push(await run(trial, race, scale))
      }
    }
  } finally {
    await equipment.end()
  }
  const seconds = (performance.now() - start) / 1000
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const place = { machine: machine(postgres, load), commit: commit() }
  return { ...place, date: `${date} UTC`, scale, seconds, races: results }
}

try {
  const plan = parse()
  if (plan === null) {
    console.log(USAGE)
  } else {
    const session = await measure(plan)
    console.log(plan.json ? JSON.stringify(session, null, 2) : asTable(session))
    if (plan.report) for (const file of publish(session)) say(`written: ${file}`)
  }
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 2
}
