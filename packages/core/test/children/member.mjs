/**
 * A member in a process or worker thread of its own, of the built package: it does what it is
 * told, one message at a time, and replies. It ends with the channel, or at the latest in a minute.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { isMainThread, parentPort } from 'node:worker_threads'
import { setStoreTrap } from '@dsm/control'
import { openDsm, openDsmAsync } from '../../dist/index.js'

if (isMainThread) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 60_000).unref()

let dsm
let stores = 0
let finishing = false
const segment = handle => dsm.findMapping(handle)

async function optionsOf({ kind, namePrefix, mmapDir, ...options }) {
  if (kind === undefined) return options
  const { [kind]: make } = await import(`@dsm/impl-${kind}`)
  const impl = make(
    kind === 'posix' ? { namePrefix } : kind === 'mmap' ? { dir: mmapDir } : undefined,
  )
  return { ...options, impl }
}

/** What happens at the n-th store. */
const atStore = {
  kill() {
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  },
  stop: () => process.kill(process.pid, 'SIGSTOP'), // goes on at SIGCONT
}

const operations = {
  async open(spec) {
    dsm = openDsm(await optionsOf(spec))
    return { index: dsm.memberIndex, controlHandle: dsm.controlHandle, kind: dsm.impl.kind }
  },
  async openAsync(spec) {
    dsm = await openDsmAsync(await optionsOf(spec))
  },
  /** Loads what open needs, so that a trap is met by open's own stores only. */
  load: async spec => void (await optionsOf(spec)),
  create(size, options) {
    const made = dsm.create(size, options)
    return made && { handle: made.handle, size: made.size, osName: made.osName }
  },
  createAsync: async (size, options) => (await dsm.createAsync(size, options)).handle,
  attach: handle => dsm.attach(handle)?.size ?? null,
  detach: handle => segment(handle).detach(),
  detachAll: () => dsm.detachAll(),
  pin: handle => segment(handle).pin(),
  /** Opens and closes, over and over. */
  async comeAndGo(spec, times) {
    const options = await optionsOf(spec)
    for (let n = 0; n < times; n++) openDsm(options).close()
  },
  /** As comeAndGo, where there is a group to join. */
  async joinAndGo(spec, times) {
    const options = await optionsOf(spec)
    for (let n = 0; n < times; n++) {
      try {
        openDsm(options).close()
      } catch (error) {
        if (error.code !== 'DSM_NOT_FOUND') throw error
      }
    }
  },
  /** Counts its runs of init in byte 0, slowly; `die` kills this process in the middle of it. */
  getOrCreate(name, size, end) {
    const { segment, created } = dsm.getOrCreate(name, size, made => {
      made.bytes[0]++
      if (end === 'die') atStore.kill()
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    })
    return { handle: segment.handle, created, first: segment.bytes[0] }
  },
  segments: () => dsm.segments(),
  members: () => dsm.members(),
  abandoned: handle => segment(handle).abandoned,
  close: () => dsm.close(),
  shutdown: () => dsm.shutdown(),
  write: (handle, offset, values) => segment(handle).bytes.set(values, offset),
  read: (handle, offset, length) => [...segment(handle).bytes.subarray(offset, offset + length)],
  /** Resolves when the word has that value, for children in step with each other. */
  async await(handle, index, value) {
    const words = new Int32Array(segment(handle).buffer)
    while (Atomics.load(words, index) !== value)
      await new Promise(resolve => setTimeout(resolve, 1))
  },

  trap(n, action) {
    let left = n
    stores = 0
    setStoreTrap(() => {
      stores++
      if (--left === 0) atStore[action]()
    })
  },
  stores() {
    setStoreTrap(null)
    return stores
  },

  /** Descriptors of this process, its mappings, and those of shared objects among them. */
  counts() {
    const maps = readFileSync('/proc/self/maps', 'latin1').trim().split('\n')
    const shared = maps.filter(line => / [r-][w-][x-]s /.test(line)).length
    return { descriptors: readdirSync('/proc/self/fd').length, maps: maps.length, shared }
  },
  list: path => readdirSync(path).sort(),
  /** Creates until there is no space, writing every byte; how many there were. */
  fill(size) {
    for (let made = 0; ; made++) {
      try {
        dsm.create(size).bytes.fill(made + 1)
      } catch (error) {
        if (error.code !== 'DSM_NO_SPACE') throw error
        return made
      }
    }
  },

  /** Adds to a plain counter under the lock at word 0. */
  count(handle, times) {
    const words = new Int32Array(segment(handle).buffer)
    const lock = dsm.lock(words, 0)
    for (let i = 0; i < times; i++) lock.run(() => words[1]++)
  },
  /** Takes the lock at word 0 and keeps it. */
  hold: handle => void dsm.lock(new Int32Array(segment(handle).buffer), 0).acquire(),

  /** Creates, attaches and detaches for ever, with a turn of the event loop now and then. */
  churn(handle) {
    const turn = () => {
      for (let i = 0; i < 20; i++) {
        dsm.create(64, { nullIfMaxSegments: true })?.detach()
        if (handle !== undefined) dsm.attach(handle).detach()
      }
      setImmediate(turn)
    }
    setImmediate(turn)
  },

  exit: exitCode => process.exit(exitCode),
  /** Nothing keeps the event loop any more. */
  finish() {
    finishing = true
    if (isMainThread) process.disconnect()
    else parentPort.close()
  },
  throw() {
    setImmediate(() => {
      throw new Error('on purpose')
    })
  },
  reject: () => void Promise.reject(new Error('on purpose')),
  pending: milliseconds => void setTimeout(() => {}, milliseconds),
}

const send = isMainThread ? reply => process.send(reply) : reply => parentPort.postMessage(reply)
/** Nobody waits for the reply to message 0. */
const post = reply => reply.id !== 0 && send(reply)

async function perform({ id, op, args }) {
  try {
    post({ id, value: await operations[op](...args) })
  } catch (error) {
    const { name, code, message } = Object(error)
    post({ id, error: { name, code, message: String(message) } })
  }
}

if (isMainThread) {
  process.on('message', perform)
  process.on('disconnect', () => {
    if (!finishing) process.kill(process.pid, 'SIGKILL') // whoever told us what to do is gone
  })
} else {
  parentPort.on('message', perform)
}
