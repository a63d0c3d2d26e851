/**
 * One operation on one object, as a program for fault injection and odd surroundings:
 * `node operation.mjs <module> <factory> <operation> <handle> <size> [options as JSON]`.
 * It tells in one line of JSON what came of it. The rest is for the test to look at from outside.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'

const [moduleUrl, factory, operation, handleText, sizeText, optionsText] = process.argv.slice(2)
const [handle, size] = [Number(handleText), Number(sizeText)]
const impl = (await import(moduleUrl))[factory](JSON.parse(optionsText ?? '{}'))
const nonce = process.env.DSM_TEST_NONCE
const namespace = impl.open({ dir: tmpdir(), nonce, options: impl.options })

const touch = mapping => {
  const bytes = new Uint8Array(mapping.buffer)
  bytes[0] = 1
  bytes[size - 1] = 2
  return { first: bytes[0], last: bytes[size - 1], identity: mapping.identity }
}
const operations = {
  create: () => {
    const mapping = namespace.create(handle, size)
    return mapping === null ? { taken: true } : touch(mapping)
  },
  createAsync: async () => touch(await namespace.createAsync(handle, size)),
  attach: () => touch(namespace.attach(handle, size)),
  part: () => namespace.attach(handle, size).part(0, 1).buffer.byteLength,
  destroy: () => namespace.destroy(handle, evidence()),
}

const evidence = () => {
  const identity = Number(process.env.DSM_TEST_IDENTITY ?? 0)
  return identity === 0 ? undefined : { identity, size, recordedAtMs: 0, creatorPid: 0 }
}

const signalMask = () => /^SigBlk.*$/m.exec(readFileSync('/proc/self/status', 'latin1'))[0]
const descriptors = () => readdirSync('/proc/self/fd').length
let signals = 0
process.on('SIGUSR2', () => {
  signals += 1
})

const before = { mask: signalMask(), descriptors: descriptors() }
const told = { pid: process.pid }
if (process.env.DSM_TEST_STORM) {
  console.log('ready for signals')
  while (signals === 0) await new Promise(setImmediate)
}
try {
  told.result = await operations[operation]()
} catch (error) {
  const { name, code, message, errno, syscall } = error
  Object.assign(told, { name, code, message, errno, syscall })
}
await new Promise(setImmediate)
told.sameMask = signalMask() === before.mask
told.descriptorsLeft = descriptors() - before.descriptors
told.signals = signals
console.log(JSON.stringify(told))
