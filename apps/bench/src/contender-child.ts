/**
 * One contender of one race in a process of its own, so that none warms, fills or fragments
 * another's. It does its work when it is told to, and says what each time took. tinybench samples.
 */
import { Bench } from 'tinybench'
import { trials } from './registry.js'
import type { Length, Scale, Subject } from './trial.js'

export interface Assignment {
  readonly trial: string
  readonly race: string
  readonly contender: string
  readonly scale: Scale
  readonly length: Length
}

/** What a turn has come to. */
export interface Report {
  /** Of one repetition each: nanoseconds, or what the race counts. */
  readonly samples: readonly number[]
  readonly failed: string | null
}

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment
const { batch, samples, warmUp } = assignment.length
const NS_PER_MS = 1e6

function open(): Subject | Promise<Subject> {
  const race = trials
    .find(({ name }) => name === assignment.trial)
    ?.races.find(({ name }) => name === assignment.race)
  const contender = race?.contenders.find(({ name }) => name === assignment.contender)
  if (contender === undefined) throw new Error(`nobody is called ${JSON.stringify(assignment)}`)
  return contender.open(assignment.scale)
}

async function turn(subject: Subject, count: number): Promise<number[]> {
  if (count === 0) return []
  const bench = new Bench({ time: 0, iterations: count, warmup: false, retainSamples: true })
  bench.add(
    'work',
    async () => {
      const own = await subject.batch(batch)
      return own === undefined ? undefined : { overriddenDuration: (own * batch) / NS_PER_MS }
    },
    { async: true },
  )
  const [task] = await bench.run()
  const { result } = task!
  if ('error' in result) throw result.error
  if (!('latency' in result)) throw new Error(`no result: ${JSON.stringify(result)}`)
  return [...(result.latency.samples ?? [])].map(ms => (ms * NS_PER_MS) / batch)
}

/** Works, and says how that went. */
async function report(work: () => Promise<number[]>): Promise<void> {
  let said: Report
  try {
    said = { samples: await work(), failed: null }
  } catch (error) {
    said = { samples: [], failed: (error as Error).message.split('\n')[0]! }
  }
  process.send?.(said)
}

let subject: Subject | null = null
process.on('message', () => report(() => turn(subject!, samples)))
process.on('disconnect', async () => {
  await subject?.close()
  process.exit(0)
})
await report(async () => {
  subject = await open()
  await turn(subject, warmUp)
  return []
})
