/** A member of the campaign `machine`: does what the stage says, and may then be treated badly. */
import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { setStoreTrap } from '@dsm/control'
import { type Dsm, type DsmError, type Held, openDsm } from '@dsm/core'
import { childOptions } from '../../child.js'

const { group } = childOptions<{ group: string }>()
let dsm: Dsm | null = null
let held: Held | null = null

const joined = (): Dsm => (dsm ??= openDsm({ name: group }))
const words = (handle: number): Int32Array => {
  const segment = joined().findMapping(handle) ?? joined().attach(handle)
  return new Int32Array(segment?.buffer ?? new ArrayBuffer(4))
}

function pathOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return '' // the one of readdir itself
  }
}

type Operation = (value: number) => unknown

const operations: Record<string, Operation> = {
  join: () => {
    joined()
    return process.pid
  },
  create: size => joined().create(size).handle,
  attach: handle => joined().attach(handle)?.size ?? null,
  lock: handle => {
    held = joined().lock(words(handle), 0).acquire()
    return held.recovered
  },
  unlock: () => held?.release(),
  touch: handle => {
    new Uint8Array(words(handle).buffer).fill(7)
  },
  /** Stops itself under the lock of the group; whoever says CONT lets it go on. */
  'stop in create': () => {
    setStoreTrap(() => {
      setStoreTrap(null)
      process.kill(process.pid, 'SIGSTOP')
    })
    return joined().create(100).size
  },
  /** Loads a library that forks as it is loaded; the copy sleeps, and is nobody's member. */
  fork: () => {
    try {
      process.dlopen({ exports: {} }, process.env.DSM_FORKER ?? '')
    } catch {
      // it registers no module
    }
  },
  abort: () => process.abort(),
  'run out of heap': () => {
    const hoard: unknown[] = []
    for (;;) hoard.push(new Array(10_000).fill(Math.random()))
  },
  'throw and not catch': () => {
    setImmediate(() => {
      throw new Error('on purpose')
    })
  },
  look: () => joined().segments().length,
  /** What foreign code does that closes every descriptor it did not open. */
  'lose its byte': () => {
    const ours = readdirSync('/proc/self/fd').filter(fd =>
      pathOf(fd).includes(`/${group}/members.`),
    )
    for (const descriptor of ours) closeSync(Number(descriptor))
    return ours.length
  },
  close: () => joined().close(),
}

process.on('message', ({ operation, value }: { operation: string; value: number }) => {
  try {
    process.send?.({ value: operations[operation]?.(value) ?? null })
  } catch (error) {
    process.send?.({ code: (error as DsmError).code, message: (error as Error).message })
  }
})
