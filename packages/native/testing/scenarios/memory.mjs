/**
 * Memory that others still have in hand when the mapping ends: pool threads, a moved buffer.
 */
import assert from 'node:assert/strict'
import { randomFill } from 'node:crypto'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { brotliCompress, deflate } from 'node:zlib'
import {
  collect,
  descriptors,
  freshHandle,
  maps,
  openNamespace,
  ours,
  parameter,
  withObject,
} from './tools.mjs'

/** A pool thread writes to the memory while it is detached, and then finds zeros, not a hole. */
export async function poolWork() {
  for (let i = 0; i < Number(parameter ?? 4); i += 1) {
    await withObject(32 << 20, async mapping => {
      const jobs = Array.from({ length: 4 }, (_, part) => {
        const view = new Uint8Array(mapping.buffer, part << 23, 1 << 23)
        return new Promise((done, fail) =>
          randomFill(view, error => (error ? fail(error) : done())),
        )
      })
      mapping.detach()
      assert.equal(mapping.buffer.byteLength, 0)
      if (globalThis.gc) await collect()
      await Promise.all(jobs)
    })
  }
}

/** Compression of a buffer that is detached meanwhile ends badly by Node's own doing: an assertion
 * in Node 20, an exception later. What counts is that no thread dies of a missing page. */
export async function compression() {
  process.on('uncaughtException', error => {
    console.log(JSON.stringify({ uncaught: error.code }))
    process.exit(0)
  })
  const mapping = await withObject(16 << 20, async object => {
    const view = new Uint8Array(object.buffer)
    for (let i = 0; i < view.length; i += 61) view[i] = i
    deflate(view, () => {})
    brotliCompress(view, () => {})
    await sleep(5)
    object.detach()
    return object
  })
  await sleep(300)
  assert.equal(mapping.buffer.byteLength, 0)
}

/** ArrayBuffer.prototype.transfer gives the memory an owner that nobody told us of. */
export async function transferred() {
  if (!ArrayBuffer.prototype.transfer) return { unsupported: 'ArrayBuffer.prototype.transfer' }
  let moved
  await withObject(1 << 20, async mapping => {
    new Uint8Array(mapping.buffer).fill(42)
    moved = mapping.buffer.transfer()
    assert.equal(mapping.buffer.byteLength, 0)
  })
  await collect()
  assert.equal(
    new Uint8Array(moved).every(byte => byte === 42),
    true,
  )
  new Uint8Array(moved).fill(43)
  assert.equal(ours(), 1, 'the moved buffer keeps the mapping')
  moved = undefined
  await collect()
  assert.equal(ours(), 0, 'its end ends the mapping')

  await withObject(1 << 20, async mapping => {
    let shorter = mapping.buffer.transfer(100) // a copy; the memory is freed at once
    await collect()
    mapping.detach()
    assert.equal(shorter.byteLength, 100)
    shorter = undefined
  })
  assert.equal(ours(), 0)
}

/** Attaches often, touches some, and keeps nothing but the buffer of a part. */
function attachAndForget(namespace, handle) {
  let kept
  for (let i = 0; i < 60; i += 1) {
    const mapping = namespace.attach(handle, 1 << 16)
    if (i % 3 === 1) new Uint8Array(mapping.buffer)[i] = i
    if (i % 3 === 2) kept = mapping.part(4096, 4096).buffer
  }
  return kept
}

/** A mapping that nobody detached and nobody holds is unmapped by the collector. */
export async function collected() {
  await withObject(1 << 16, async (mapping, namespace, handle) => {
    mapping.detach()
    let kept = attachAndForget(namespace, handle)
    await collect()
    new Uint8Array(kept).fill(9) // a buffer keeps its memory without its mapping
    assert.equal(ours(), 1)
    kept = null
    await collect()
    assert.equal(ours(), 0)
  })
}

/** Nothing is left of many mappings: no descriptor, no mapping, and a bounded quarantine. */
export async function cycles() {
  const count = Number(parameter ?? 500)
  const namespace = await openNamespace()
  const handle = freshHandle()
  const cycle = touch => {
    const mapping = namespace.create(handle, 8192)
    const part = mapping.part(4096, 4096)
    if (touch) new Uint8Array(part.buffer)[0] = mapping.buffer.byteLength
    part.detach()
    mapping.detach()
    namespace.attach(handle, 8192).detach()
    assert.equal(namespace.create(handle, 8192), null)
    assert.throws(() => namespace.attach(handle, 4096), { code: 'DSM_FOREIGN' })
    assert.equal(namespace.destroy(handle), true)
    assert.throws(() => namespace.attach(handle, 8192), { code: 'DSM_NOT_FOUND' })
  }
  for (let i = 0; i < 50; i += 1) cycle(false)
  await collect()
  const before = { descriptors: descriptors(), maps: maps().length }
  for (let i = 0; i < count; i += 1) cycle(false)
  await collect()
  assert.equal(descriptors(), before.descriptors)
  const grown = maps().length - before.maps
  assert.ok(grown < 50, `plain mappings leave nothing behind: ${grown}`) // the heap's own, if any
  for (let i = 0; i < count; i += 1) {
    cycle(true)
    if (i % 100 === 0) await turn()
  }
  await collect()
  assert.equal(descriptors(), before.descriptors)
  assert.equal(ours(), 0)
  const left = maps().length - before.maps
  assert.ok(left < 4096 + 100, `the quarantine is bounded: ${left}`)
  namespace.close()
  return { grown, left }
}
