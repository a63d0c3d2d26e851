/** Every fault at every operation that can meet it. */
import { DsmError, type DsmNamespace, type DsmScope } from '@dsm/impl'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalFaults, local, remainingLocal, resetLocal } from '../src/index.js'

const scope: DsmScope = { dir: '/nowhere', nonce: 'abcdefghijk23', options: {} }
let faults: LocalFaults
let space: DsmNamespace
beforeEach(() => {
  faults = new LocalFaults()
  space = local({ faults }).open(scope)
})
afterEach(resetLocal)

test('the n-th create fails with the errno asked for, in one sentence, and leaves nothing', () => {
  faults.at('create', 2, { errno: 'ENOSPC', verb: 'resize' })
  expect(space.create(2, 4096)).not.toBeNull()
  let caught: unknown
  try {
    space.create(4, 4096)
  } catch (error) {
    caught = error
  }
  expect(DsmError.isInstance(caught) && caught.code).toBe('DSM_NO_SPACE')
  expect(String(caught)).toBe(
    'DsmError: could not resize shared memory segment "local:abcdefghijk23.4": ' +
      'no space left on device',
  )
  expect(space.create(6, 4096)).not.toBeNull()
  expect(space.enumerate!()).toEqual([2, 6])
})

test.each(['create', 'map'] as const)('a failing %s in create leaves no name', operation => {
  faults.at(operation, 1, { errno: 'ENOMEM' })
  expect(() => space.create(2, 4096)).toThrow(/^could not (create|map) .*memory/)
  expect(remainingLocal()).toEqual([])
})

test.each(['createAsync', 'allocate', 'map'] as const)(
  'a failing %s in createAsync leaves no name',
  async operation => {
    faults.at(operation, 1, { errno: 'ENOSPC' })
    await expect(space.createAsync(2, 4096)).rejects.toThrow(/No space|no space/)
    expect(remainingLocal()).toEqual([])
  },
)

test.each(['attach', 'map'] as const)('a failing %s in attach leaves the object', operation => {
  space.create(2, 4096)!.detach()
  faults.at(operation, 1, { errno: 'EMFILE' })
  expect(() => space.attach(2, 4096)).toThrow(DsmError)
  expect(space.attach(2, 4096).size).toBe(4096)
})

test('part, buffer, destroy, enumerate and open fail when told to, and work again', () => {
  const mapping = space.create(2, 8192)!
  for (const operation of ['part', 'buffer', 'destroy', 'enumerate', 'open'] as const) {
    faults.at(operation, 1, { errno: 'EIO' })
  }
  expect(() => mapping.part(4096, 4096)).toThrow(/^could not map .*i\/o error/)
  expect(() => mapping.buffer).toThrow(/^could not map .*i\/o error/)
  expect(() => space.destroy(2)).toThrow(/could not remove/)
  expect(() => space.enumerate!()).toThrow(/could not open/)
  expect(() => local({ faults }).open(scope)).toThrow(/^could not open .*i\/o error/)
  expect(mapping.part(4096, 4096).buffer.byteLength).toBe(4096)
  expect(mapping.buffer.byteLength).toBe(8192)
  expect(space.enumerate!()).toEqual([2])
  expect(space.destroy(2)).toBe(true)
  expect(faults.pending()).toEqual([])
})

test('a name can be taken, and an object foreign, once', async () => {
  faults.at('create', 1, 'taken').at('createAsync', 1, 'taken').at('destroy', 1, 'foreign')
  expect(space.create(2, 4096)).toBeNull()
  expect(await space.createAsync(2, 4096)).toBeNull()
  expect(space.create(2, 4096)).not.toBeNull()
  expect(space.destroy(2)).toBe(false)
  expect(space.destroy(2)).toBe(true)
  faults.at('attach', 1, 'taken')
  expect(() => space.attach(2, 4096)).toThrow("the fault 'taken' means nothing to attach")
})

test('a foreign object says what gave it away', () => {
  space.create(2, 4096)
  faults.at('attach', 1, { errno: '', foreign: 'its mode is 0666' })
  expect(() => space.attach(2, 4096)).toThrow(
    'could not open shared memory segment "local:abcdefghijk23.2": its mode is 0666',
  )
})

test('a hook that throws before or after stands for a death: what was there stays', async () => {
  const death = new Error('killed here')
  const dies = () => {
    throw death
  }
  faults.at('create', 1, { before: dies }).at('create', 2, { after: dies })
  expect(() => space.create(2, 4096)).toThrow(death)
  expect(space.enumerate!()).toEqual([])
  expect(() => space.create(2, 4096)).toThrow(death)
  expect(space.enumerate!()).toEqual([2])
  faults.at('allocate', 1, { before: dies })
  await expect(space.createAsync(4, 4096)).rejects.toBe(death)
  expect(space.enumerate!()).toEqual([2, 4])
  const evidence = { identity: 0, size: 4096, recordedAtMs: 0, creatorPid: process.pid }
  expect(space.destroy(4, evidence)).toBe(true)
})

test('a hook may look on, and the log tells every call in order', () => {
  const seen: number[] = []
  faults.at('attach', 2, { before: call => seen.push(call.count) })
  space.create(2, 4096)!.detach()
  space.attach(2, 4096)
  space.attach(2, 4096)
  expect(seen).toEqual([2])
  expect(faults.count('attach')).toBe(2)
  expect(faults.log.map(call => call.operation)).toEqual([
    'open',
    'create',
    'map',
    'detach',
    'attach',
    'map',
    'attach',
    'map',
  ])
  expect(faults.log[1]).toEqual({
    operation: 'create',
    count: 1,
    osName: 'local:abcdefghijk23.2',
    size: 4096,
  })
  faults.reset()
  expect(faults.log).toEqual([])
  expect(faults.count('attach')).toBe(0)
})
