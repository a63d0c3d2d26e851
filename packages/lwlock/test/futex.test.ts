/** wait, waitAsync and notify. */
import { setTimeout as later } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import type * as Futex from '../src/futex.js'
import { futexSupported, notify, wait, waitAsync } from '../src/index.js'
import { Arena, leftovers } from './arena.js'
import { compile } from './from-source.js'

const arena = new Arena()
afterAll(() => {
  arena[Symbol.dispose]()
  expect(leftovers()).toEqual([])
})
const { words } = arena
const WORD = 200

test('this kernel has the futex', () => {
  expect(futexSupported).toBe(true)
})

test('wait answers as Atomics.wait does', () => {
  words[WORD] = 3
  expect(wait(words, WORD, 4)).toBe('not-equal')
  expect(wait(words, WORD, 3, 0)).toBe('timed-out')
  expect(wait(words, WORD, 3, 30)).toBe('timed-out')
  expect(notify(words, WORD)).toBe(0)
  expect(notify(words, WORD, 0)).toBe(0)
})

test('waiters and notifiers meet by the memory: another thread, another mapping', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { wait } = require(workerData.dist)
    const words = new Int32Array(require(workerData.addon).map(workerData.memory, 4096))
    parentPort.postMessage('waiting')
    parentPort.postMessage(wait(words, ${WORD}, 3, 20_000))`
  const worker = new Worker(program, {
    eval: true,
    workerData: {
      dist: `${import.meta.dirname}/../dist/index.cjs`,
      addon: `${import.meta.dirname}/addon/build/Release/lwlock-test-addon.node`,
      memory: `${arena.dir}/memory`,
    },
  })
  const next = () => new Promise(resolve => worker.once('message', resolve))
  words[WORD] = 3
  expect(await next()).toBe('waiting')
  const answer = next()
  Atomics.store(words, WORD, 4)
  notify(words, WORD)
  expect(['ok', 'not-equal']).toContain(await answer)
  await worker.terminate()
})

test('a thread in wait can be terminated', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { wait } = require(workerData)
    parentPort.postMessage('waiting')
    wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`
  const workerData = `${import.meta.dirname}/../dist/index.cjs`
  const worker = new Worker(program, { eval: true, workerData })
  await new Promise(resolve => worker.once('message', resolve))
  expect(await worker.terminate()).toBe(1)
})

test('waitAsync sees the word change, gives up in time, and can be aborted', async () => {
  words[WORD] = 3
  expect(await waitAsync(words, WORD, 4)).toBe('not-equal')
  expect(await waitAsync(words, WORD, 3, { timeoutMs: 20 })).toBe('timed-out')
  const changed = waitAsync(words, WORD, 3)
  await later(20)
  words[WORD] = 4
  expect(await changed).toBe('ok')
  const control = new AbortController()
  const waiting = waitAsync(words, WORD, 4, { signal: control.signal })
  control.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await expect(waitAsync(words, WORD, 4, { signal: control.signal })).rejects.toMatchObject({
    code: 'ABORT_ERR',
  })
})

test('100 waits at once use no thread of the pool and all end', async () => {
  words[WORD] = 0
  const waits = Array.from({ length: 100 }, () => waitAsync(words, WORD, 0))
  await later(20)
  words[WORD] = 1
  expect(new Set(await Promise.all(waits))).toEqual(new Set(['ok']))
})

test('without a futex in the kernel the word is looked at instead', () => {
  const native = { futexWorks: false, futexWake: () => 0 }
  const imports = {
    impl: { integerBetween() {} },
    'death-oracle': { checkWord() {} },
    native: { WOKEN: 0, NOT_EQUAL: 1, TIMED_OUT: 2, native },
  }
  const polling = compile('futex.ts')<typeof Futex>(imports)
  const word = Int32Array.of(3)
  expect(polling.futexSupported).toBe(false)
  expect(polling.wait(word, 0, 4)).toBe('not-equal')
  expect(polling.wait(word, 0, 3, 20)).toBe('timed-out')
  expect(polling.park(word, 0, 3, 1)).toBe(2)
  expect(polling.park(word, 0, 4, 1)).toBe(1)
  expect(polling.notify(word, 0)).toBe(0)
})

test('refuses wrong arguments with Node’s codes', () => {
  const wrong = (work: () => unknown, code: string) =>
    expect(work).toThrow(expect.objectContaining({ code }))
  wrong(() => wait(new Uint32Array(4) as never, 0, 0, 0), 'ERR_INVALID_ARG_TYPE')
  wrong(() => wait(words, 1024, 0, 0), 'ERR_OUT_OF_RANGE')
  wrong(() => wait(words, -1, 0, 0), 'ERR_OUT_OF_RANGE')
  wrong(() => wait(words, 0, 2 ** 31, 0), 'ERR_OUT_OF_RANGE')
  wrong(() => wait(words, 0, 0, -1), 'ERR_OUT_OF_RANGE')
  wrong(() => wait(words, 0, 0, Number.NaN), 'ERR_OUT_OF_RANGE')
  wrong(() => wait(words, 0, 0, '1' as never), 'ERR_INVALID_ARG_TYPE')
  wrong(() => notify(words, 0, -1), 'ERR_OUT_OF_RANGE')
  wrong(() => notify(words, '0' as never), 'ERR_INVALID_ARG_TYPE')
})

test('an array whose buffer was detached is refused, not followed', () => {
  const gone = new Int32Array(new ArrayBuffer(64))
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  expect(() => wait(gone, 0, 0, 0)).toThrow('not detached')
  expect(() => notify(gone, 0)).toThrow('not detached')
})
