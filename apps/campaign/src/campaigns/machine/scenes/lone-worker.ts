/** The addons are loaded in a worker only, which ends, well or terminated; then main opens. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Scene } from '../scene.js'
import type { Stage } from '../stage.js'

const WORKER = (core: string, group: string, endless: boolean): string => `
  import(${JSON.stringify(core)}).then(({ openDsm }) => {
    const dsm = openDsm({ name: ${JSON.stringify(group)}, impl: 'posix' })
    const { parentPort } = require('node:worker_threads')
    dsm.create(5000)
    parentPort.postMessage('works')
    while (${endless}) dsm.create(5000).detach()
    dsm.close()
  })`

async function work(stage: Stage, endless: boolean): Promise<void> {
  const core = import.meta.resolve('@dsm/core')
  const worker = new Worker(WORKER(core, stage.group, endless), { eval: true })
  const exit = once(worker, 'exit') // what it said last can come with its end
  await once(worker, 'message')
  if (endless) {
    await delay(stage.random.below(20))
    await worker.terminate()
  }
  await exit
}

const lone = (name: string, endless: boolean): Scene => ({
  name,
  async play(stage) {
    await work(stage, endless)
    const dsm = stage.open()
    stage.same(dsm.segments().length, 0, 'segments of a worker that is gone')
    await work(stage, endless)
    await stage.until(() => dsm.members().length === 1, 'the worker is still a member')
    stage.same(dsm.segments().length, 0, 'segments of a worker that is gone')
    dsm.create(5000).detach()
  },
})

export const loneWorkers: readonly Scene[] = [
  lone('addon in a worker only', false),
  lone('terminated worker', true),
]
