/**
 * The program of the campaign `random-kill` that is killed: a process with one member in its main
 * thread and one in each of its worker threads, which it also terminates at random.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { setStoreTrap } from '@dsm/control'
import { childOptions } from './child.js'
import { Churn } from './churn.js'
import type { ChurnOptions, Report } from './churn-protocol.js'
import { Random } from './random.js'

const TERMINATE_AFTER_MS_MAX = 400

/** SIGKILL to oneself is there before the next instruction of this thread. */
function dieAt(store: number): void {
  if (store === 0) return
  let left = store
  setStoreTrap(() => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL')
  })
}

async function asThread(): Promise<void> {
  const { options, seed } = workerData as { options: ChurnOptions; seed: number }
  dieAt(options.dieAtStore)
  const tell = (problem: string): void => parentPort?.postMessage({ problem } satisfies Report)
  await new Churn(options, seed, tell).run()
}

/** One worker after another in the same place, some of them terminated; ends with the last one. */
async function place(options: ChurnOptions, random: Random, tell: (problem: string) => void) {
  for (let stopped = false; !stopped; ) {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { options, seed: random.fork() },
    })
    worker.on('message', ({ problem }: Report) => tell(`in a thread: ${problem}`))
    worker.on('error', error => tell(`a thread failed: ${error.stack}`))
    const ended = new Promise(resolve => worker.once('exit', resolve))
    stopped = true
    if (random.oneIn(2)) {
      const lifetime = delay(random.below(TERMINATE_AFTER_MS_MAX)).then(() => 'terminate')
      if ((await Promise.race([ended, lifetime])) === 'terminate') {
        await worker.terminate()
        stopped = false
      }
    }
    await ended
  }
}

async function asProcess(): Promise<void> {
  const options = childOptions<ChurnOptions>()
  if (options.canary === 'exit') process.exit(5)
  const random = new Random(options.seed)
  const tell = (problem: string): void => void process.send?.({ problem } satisfies Report)
  dieAt(options.dieAtStore)
  const churn = new Churn(options, random.fork(), tell)
  process.send?.({ problem: null } satisfies Report)
  const threads = Array.from({ length: options.threads }, () => place(options, random, tell))
  await Promise.all([churn.run(), ...threads])
  process.removeAllListeners('disconnect')
  process.disconnect?.()
}

await (isMainThread ? asProcess() : asThread())
