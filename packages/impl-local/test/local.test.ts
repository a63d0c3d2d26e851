/** What `local` promises beyond the contract; the contract itself is in conformance.test.ts. */
import { DsmError, type DsmNamespace, type DsmScope } from '@dsm/impl'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { local, placeObject, remainingLocal, resetLocal } from '../src/index.js'

const scope: DsmScope = { dir: '/nowhere', nonce: 'abcdefghijk23', options: {} }
let space: DsmNamespace
beforeEach(() => {
  space = local().open(scope)
})
afterEach(resetLocal)

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (DsmError.isInstance(error)) return error.code
    throw error
  }
  return 'nothing thrown'
}

test('live: a store through one mapping is seen at once through another, without asking', () => {
  const ours = new Int32Array(space.create(2, 4096)!.buffer)
  const theirs = new Int32Array(
    local()
      .open({ ...scope })
      .attach(2, 4096).buffer,
  )
  expect(Atomics.compareExchange(ours, 7, 0, 41)).toBe(0)
  expect(theirs[7]).toBe(41)
})

test('live: views are emptied when the last mapping of the object detaches', () => {
  const first = space.create(2, 4096)!
  const second = space.attach(2, 4096)
  const view = new Uint8Array(first.buffer)
  view[1] = 9
  expect(second.buffer).toBe(first.buffer)
  first.detach()
  expect(first.buffer.byteLength).toBe(0)
  expect(view.length).toBe(4096)
  second.detach()
  expect(view.length).toBe(0)
  expect(new Uint8Array(space.attach(2, 4096).buffer)[1]).toBe(9)
})

test('live: two mappings of one part share a buffer; a parent sees it when it asks again', () => {
  const parent = space.create(2, 16_384)!
  const whole = new Uint8Array(parent.buffer)
  const ours = new Uint8Array(parent.part(4096, 4096).buffer)
  const theirs = new Uint8Array(space.attach(2, 16_384).part(4096, 4096).buffer)
  ours[5] = 77
  expect(theirs[5]).toBe(77)
  expect(whole[4101]).toBe(0)
  expect(parent.buffer.byteLength).toBe(16_384)
  expect(whole[4101]).toBe(77)
})

test('where a part and its parent changed one byte, the parent stands', () => {
  const parent = space.create(2, 8192)!
  const whole = new Uint8Array(parent.buffer)
  const part = parent.part(4096, 4096)
  new Uint8Array(part.buffer).fill(1)
  whole[4096] = 2
  part.detach()
  expect([...whole.subarray(4095, 4099)]).toEqual([0, 2, 1, 1])
})

test('own: each mapping empties its own buffer, and stores cross at the next use of buffer', () => {
  const own = local({ buffers: 'own' }).open(scope)
  const first = own.create(2, 4096)!
  const second = own.attach(2, 4096)
  new Uint8Array(first.buffer)[3] = 5
  const seen = new Uint8Array(second.buffer)
  expect(seen[3]).toBe(5)
  const view = new Uint8Array(first.buffer)
  view[4] = 6
  first.detach()
  expect(view.length).toBe(0)
  expect([...seen.subarray(3, 5)]).toEqual([5, 6])
})

test('every namespace of a nonce finds its objects, which are listed until destroyed', () => {
  space.create(2, 4096)!.detach()
  space.create(4, 4096)!.detach()
  expect(remainingLocal(scope)).toEqual(['local:abcdefghijk23.2', 'local:abcdefghijk23.4'])
  expect(local().open(scope).destroy(2)).toBe(true)
  expect(space.enumerate!()).toEqual([4])
  resetLocal()
  expect(remainingLocal()).toEqual([])
})

test('a placed object stands for another process: foreign, unsized, or older', () => {
  placeObject(scope, 2, { size: 4096, foreign: true })
  expect(space.create(2, 4096)).toBeNull()
  expect(codeOf(() => space.attach(2, 4096))).toBe('DSM_FOREIGN')
  expect(space.destroy(2)).toBe(false)

  const now = Date.now()
  const evidence = { identity: 0, size: 4096, recordedAtMs: now, creatorPid: 77 }
  placeObject(scope, 4, { createdAtMs: now, creatorPid: 77 })
  expect(space.destroy(4, evidence)).toBe(true)
  placeObject(scope, 6, { createdAtMs: now - 1, creatorPid: 77 })
  expect(space.destroy(6, evidence)).toBe(false)
  placeObject(scope, 8, { createdAtMs: now, creatorPid: 78 })
  expect(space.destroy(8, evidence)).toBe(false)
  expect(() => placeObject(scope, 8)).toThrow('taken')
})

test('pins: an unpinned object dies with its last mapping, a pinned one with its last pin', () => {
  const pinning = local({ pins: true }).open(scope)
  const mapping = pinning.create(2, 4096)!
  const part = mapping.part(0, 4096)
  mapping.detach()
  expect(remainingLocal()).toHaveLength(1)
  const token = pinning.pin!(2)
  part.detach()
  pinning.attach(2, 4096).detach()
  pinning.unpin!(2, token)
  expect(remainingLocal()).toEqual([])
  expect(codeOf(() => pinning.pin!(2))).toBe('DSM_NOT_FOUND')
})

test('more bytes than can be had is DSM_NO_MEMORY and leaves no name', () => {
  const boundless = local({ sizeMax: Number.MAX_SAFE_INTEGER }).open(scope)
  expect(codeOf(() => boundless.create(2, 2 ** 52))).toBe('DSM_NO_MEMORY')
  expect(() => space.create(2, local().sizeMax + 1)).toThrow(RangeError)
  expect(remainingLocal()).toEqual([])
})
