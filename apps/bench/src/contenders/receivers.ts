/** Who hands bytes over to another process: by a way between Node processes, and by other means. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Companion } from '../companion.js'
import { verify } from '../hand-over/reading.js'
import { FIRST_BYTE, type Reading, type Way } from '../hand-over/way.js'
import { peersDirectory, programFile } from '../programs.js'
import type { Contender, Scale } from '../trial.js'
import { LineProgram } from './lines.js'

export type SizeAt = (scale: Scale) => number

export const handingBy = (way: Way, reading: Reading, sizeAt: SizeAt): Contender => ({
  name: way.name,
  ...(way.needs === undefined ? {} : { needs: way.needs }),
  async open(scale) {
    const size = sizeAt(scale)
    const giver = await way.give(size)
    const words = [way.name, reading, giver.word]
    const receiver = new Companion('receiver-child', words, { advanced: true })
    await receiver.next()
    return {
      async batch(count) {
        for (let done = 0; done < count; done++) {
          verify(await receiver.ask(giver.message), size, reading)
        }
      },
      async close() {
        await receiver.close()
        await giver.close()
      },
    }
  },
})

/** A copy; the sender keeps its bytes, as with all the others. */
export const handingToWorker = (reading: Reading, sizeAt: SizeAt): Contender => ({
  name: 'worker postMessage',
  open(scale) {
    const bytes = new Uint8Array(sizeAt(scale)).fill(FIRST_BYTE)
    const worker = new Worker(programFile('receiver-worker'), { workerData: { reading } })
    return {
      async batch(count) {
        for (let done = 0; done < count; done++) {
          const reply = once(worker, 'message')
          worker.postMessage(bytes)
          const [found] = await reply
          verify(found, bytes.length, reading)
        }
      },
      async close() {
        await worker.terminate()
      },
    }
  },
})

export const handingBySocket = (reading: Reading, sizeAt: SizeAt): Contender => ({
  name: 'Unix socket',
  async open(scale) {
    const bytes = new Uint8Array(sizeAt(scale)).fill(FIRST_BYTE)
    const directory = mkdtempSync(join(tmpdir(), 'dsm-bench-'))
    const path = join(directory, 'socket')
    const server = createServer().listen(path)
    await once(server, 'listening')
    const receiver = new Companion('socket-child', [path, String(bytes.length), reading])
    const [socket] = (await once(server, 'connection')) as [Socket]
    await receiver.next()
    return {
      async batch(count) {
        for (let done = 0; done < count; done++) {
          socket.write(bytes)
          verify(await receiver.next(), bytes.length, reading)
        }
      },
      async close() {
        await receiver.close()
        socket.destroy()
        server.close()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  },
})

/** Both ends are Python. */
export const handingInPython = (reading: Reading, sizeAt: SizeAt): Contender => ({
  name: 'Python SharedMemory',
  needs: 'python',
  async open(scale) {
    const script = join(peersDirectory, 'python', 'hand_over.py')
    const python = new LineProgram('python3', [script, String(sizeAt(scale)), reading])
    await python.next()
    return {
      batch: async count => Number(await python.ask(String(count))),
      close: () => python.close(),
    }
  },
})
