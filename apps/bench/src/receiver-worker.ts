/** Who is handed bytes by `postMessage`: a worker thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { read } from './hand-over/reading.js'

parentPort?.on('message', (bytes: Uint8Array) => {
  parentPort?.postMessage(read(bytes, workerData.reading))
})
