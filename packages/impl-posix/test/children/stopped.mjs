/** Terminates 40 workers, each in a loop of one operation. Prints how many. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { posix } from '../../dist/index.js'

const COUNT = 40
const nonce = 'stoppedworker'
const namespace = posix().open({ dir: '/nowhere', nonce, options: {} })
const evidence = { identity: 1, size: 4096, recordedAtMs: 1, creatorPid: 1 }
const HANDLE = 2 // nothing bears its name

const operations = {
  attach: () => {
    try {
      namespace.attach(HANDLE, 4096)
    } catch {}
  },
  destroy: () => namespace.destroy(HANDLE, evidence),
  createAsync: () => {
    namespace.createAsync(HANDLE, 4096).then(
      mapping => mapping?.detach(),
      () => undefined,
    )
    namespace.destroy(HANDLE)
  },
}

if (!isMainThread) {
  parentPort.postMessage('works')
  for (;;) operations[workerData]()
}
for (let round = 0; round < COUNT; round++) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] })
  await once(worker, 'message')
  await delay(round % 4)
  await worker.terminate()
}
namespace.destroy(HANDLE)
console.log(`${COUNT} terminated`)
