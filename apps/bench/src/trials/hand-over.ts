/**
 * Handing bytes to another process, which reads the first one and says so: by handle, and by
 * `process.send` with advanced serialisation.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { openDsm } from '@dsm/core'
import { groupName, programFile } from '../group.js'
import type { Contender, Trial } from '../trial.js'

const WATCHDOG_MS = 120_000
const FIRST_BYTE = 0x5a

async function receiver(group: string): Promise<ChildProcess> {
  const child = fork(programFile('receiver-child'), [group], {
    serialization: 'advanced',
    timeout: WATCHDOG_MS,
  })
  await once(child, 'message')
  return child
}

/** Sends, and waits for the first byte to come back. */
async function hand(child: ChildProcess, message: number | Uint8Array): Promise<void> {
  const reply = once(child, 'message')
  child.send(message)
  const [first] = await reply
  if (first !== FIRST_BYTE) throw new Error(`the other process read ${first}`)
}

const byHandle: Contender = {
  name: 'by handle',
  async open({ backend, size }) {
    const dsm = openDsm({ name: groupName(), impl: backend })
    const segment = dsm.create(size)
    segment.bytes.fill(FIRST_BYTE)
    const child = await receiver(groupName())
    return {
      async batch(count) {
        for (let done = 0; done < count; done++) await hand(child, segment.handle)
      },
      async close() {
        child.disconnect()
        await once(child, 'exit')
        dsm.close()
      },
    }
  },
}

const bySend: Contender = {
  name: 'process.send',
  async open({ size }) {
    const bytes = new Uint8Array(size).fill(FIRST_BYTE)
    const child = await receiver('')
    return {
      async batch(count) {
        for (let done = 0; done < count; done++) await hand(child, bytes)
      },
      async close() {
        child.disconnect()
        await once(child, 'exit')
      },
    }
  },
}

export const handOver: Trial = {
  name: 'hand-over',
  what: 'hand 64 MiB over, first byte read',
  backends: ['posix'],
  contenders: [byHandle, bySend],
  goal: 1 / 1000,
  full: { warmUp: 3, batch: 1, samples: 5, turns: 10, size: 64 << 20 },
  quick: { warmUp: 2, batch: 1, samples: 3, turns: 3, size: 64 << 20 },
  tiny: { warmUp: 1, batch: 1, samples: 1, turns: 2, size: 1 << 20 },
}
