/**
 * A process whose main thread never loads the addon: a worker does, takes a byte and ends. The
 * addon's library must stay: its fork handler does, and the next worker finds it as it was.
 */
import { execFileSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'

const workerData = JSON.parse(process.argv[2])
for (let round = 0; round < 3; round++) {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData })
  const exited = new Promise(resolve => worker.on('exit', resolve))
  await new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
  })
  await exited
  execFileSync('true') // forks
}
process.send('done')
process.disconnect()
