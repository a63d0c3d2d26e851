/**
 * What the scenarios share: a scope of their own, an object in it, the collector, and counts.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

export const [moduleUrl, factory, scenario, parameter] = process.argv.slice(2)
/** Given by the test, so that it can look for what is left. */
export const nonce = process.env.DSM_TEST_NONCE ?? 'scenariononce'
export const scope = { dir: tmpdir(), nonce }

export const freshHandle = () => (randomBytes(4).readUInt32LE() & 0x7ffffffe) >>> 0 || 2

export async function openNamespace() {
  const impl = (await import(moduleUrl))[factory]()
  return impl.open({ ...scope, options: impl.options })
}

/** Makes an object under a fresh handle, and whatever happens removes it. */
export async function withObject(size, work) {
  const namespace = await openNamespace()
  const handle = freshHandle()
  const mapping = namespace.create(handle, size)
  assert.ok(mapping, 'a fresh handle is free')
  try {
    return await work(mapping, namespace, handle)
  } finally {
    mapping.detach()
    assert.equal(namespace.destroy(handle), true)
    namespace.close()
  }
}

/** Finalizers run in turns of the event loop after the collector's. */
export async function collect() {
  for (let round = 0; round < 6; round += 1) {
    globalThis.gc()
    await turn()
    await sleep(5)
  }
}

export const maps = () => readFileSync('/proc/self/maps', 'latin1').trim().split('\n')
/** Mappings of objects of ours, whatever the mechanism: a file's path, or the key of a segment. */
export const ours = () =>
  maps().filter(line => line.includes(nonce) || line.includes('/SYSV')).length
export const descriptors = () => readdirSync('/proc/self/fd').length
