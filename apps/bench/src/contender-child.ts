/**
 * One contender of one trial in a process of its own, so that neither warms, fills or fragments the
 * other's. It does its work when it is told to, and says what each time took. tinybench samples.
 */
import { Bench } from 'tinybench'
import { trials } from './registry.js'
import type { Backend, Length } from './trial.js'

export interface Assignment {
  readonly trial: string
  readonly contender: 0 | 1
  readonly backend: Backend
  readonly length: Length
}

const { trial, contender, backend, length } = JSON.parse(process.argv[2] ?? '') as Assignment
const { size, batch, samples, warmUp } = length
const found = trials.find(({ name }) => name === trial)
const subject = await found?.contenders[contender].open({ backend, size })
if (subject === undefined) throw new Error(`there is no trial "${trial}"`)

/** One turn: samples of the work, in nanoseconds for each repetition. */
async function turn(count: number): Promise<number[]> {
  const bench = new Bench({ time: 0, iterations: count, warmup: false, retainSamples: true })
  bench.add('work', () => subject!.batch(batch))
  const [task] = await bench.run()
  const { result } = task!
  if (!('latency' in result)) throw new Error(`no result: ${JSON.stringify(result)}`)
  return [...(result.latency.samples ?? [])].map(ms => (ms * 1e6) / batch)
}

process.on('message', async () => {
  process.send?.(await turn(samples))
})
process.on('disconnect', async () => {
  await subject.close()
  process.exit(0)
})

await turn(warmUp)
process.send?.('ready')
