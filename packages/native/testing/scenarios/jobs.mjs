/**
 * Allocation on the pool that is cut short: by an abort, by the end of the worker that asked.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  collect,
  descriptors,
  factory,
  moduleUrl,
  openNamespace,
  ours,
  parameter,
  scope,
  withObject,
} from './tools.mjs'

const WORKER = `
  const { workerData: data, parentPort } = require('node:worker_threads')
  const { pbkdf2 } = require('node:crypto')
  import(data.moduleUrl).then(library => {
    const impl = library[data.factory]()
    const namespace = impl.open({ ...data.scope, options: impl.options })
    globalThis.kept = namespace.create(data.handle + 2, 1 << 20)
    globalThis.views = [kept.buffer, kept.part(4096, 4096).buffer]
    namespace.destroy(data.handle + 2)
    for (let i = 0; i < data.jobsBefore; i += 1) pbkdf2('', '', 50_000, 64, 'sha512', () => {})
    namespace.createAsync(data.handle, data.size)
    parentPort.postMessage('started')
  })`

/** A worker ends while it allocates and while buffers live; this thread never had the addon. */
export async function workerEnds() {
  const rounds = [
    { handle: 1000, jobsBefore: 6 }, // the pool is busy: the allocation begins after the end
    { handle: 2000, jobsBefore: 0 }, // the allocation is running, or just done
    { handle: 3000, jobsBefore: 0 },
  ]
  for (const round of rounds) {
    const size = Number(parameter ?? 64 << 20)
    const worker = new Worker(WORKER, {
      eval: true,
      workerData: { moduleUrl, factory, scope, size, ...round },
    })
    await new Promise((done, fail) => worker.once('message', done).once('error', fail))
    await worker.terminate()
  }
  assert.equal(ours(), 0)
  const namespace = await openNamespace()
  const again = namespace.create(1000, 4096)
  assert.ok(again, 'the name that the ended worker had made is free')
  again.detach()
  for (const { handle } of rounds) assert.equal(namespace.destroy(handle), true)
  namespace.close()
}

/** Abort before, during and after; and many at once. */
export async function aborted() {
  const namespace = await openNamespace()
  const before = descriptors()
  for (const delayMs of [0, 1, 5, 10]) {
    const controller = new AbortController()
    const job = namespace.createAsync(2000, 256 << 20, { signal: controller.signal })
    assert.equal(namespace.create(2000, 1), null, 'the name is there before createAsync returns')
    if (delayMs) await sleep(delayMs)
    controller.abort()
    await job.then(
      mapping => mapping.detach(),
      error => assert.equal(error.name, 'AbortError'),
    )
    assert.equal(namespace.destroy(2000), true)
  }
  const mappings = await Promise.all(
    Array.from({ length: 12 }, (_, i) => namespace.createAsync(3000 + 2 * i, 1 << 20)),
  )
  for (const [i, mapping] of mappings.entries()) {
    assert.equal(new Uint8Array(mapping.buffer)[i], 0)
    mapping.detach()
    namespace.destroy(3000 + 2 * i)
  }
  assert.equal(await withObject(1, (_, other, handle) => other.createAsync(handle, 1)), null)
  if (globalThis.gc) await collect()
  await sleep(20)
  assert.ok(descriptors() <= before + 4, 'no descriptor is left') // the pool's own, once
  namespace.close()
}
