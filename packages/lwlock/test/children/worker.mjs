/** A worker thread that is a member of its own; takes the lock if told to, and stays. */
import { parentPort, workerData } from 'node:worker_threads'
import { join, waitForSignal } from './common.mjs'

const arena = join(workerData)
if (workerData.hold) arena.lock.acquire()
parentPort.postMessage('ready')
if (workerData.stay) waitForSignal(arena, 1_000_000)
