/** What `defineImpl` adds to a mechanism: checks, translation, an end; and nothing else. */
import { expect, test, vi } from 'vitest'
import { DsmError, type DsmScope, defineImpl, type RawNamespace } from '../src/index.js'

const scope: DsmScope = { dir: '/run/group', nonce: 'abcdefghijk23', options: {} }
const supports = { crossProcess: false, enumerate: true, ownsNames: true, survivesReboot: false }
const failure = Object.assign(new Error('x'), { verb: 'open', syscall: 'open', errno: 13 })

function rawSpace(over: Partial<RawNamespace> = {}) {
  return {
    osName: vi.fn((handle: number) => `/raw.${handle}`),
    create: vi.fn(() => null),
    createAsync: vi.fn(async () => null),
    attach: vi.fn(() => {
      throw failure
    }),
    destroy: vi.fn(() => true),
    close: vi.fn(),
    ...over,
  } satisfies RawNamespace
}

function defined(raw: RawNamespace) {
  return defineImpl({
    kind: 'raw',
    options: { prefix: 'a' },
    supports,
    sizeMax: 100,
    open: () => raw,
  })
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing thrown'
}

test('what it makes is frozen and no copy of anybody else’s objects', () => {
  const options = { prefix: 'a' }
  const impl = defineImpl({ kind: 'raw', options, supports, sizeMax: 100, open: () => rawSpace() })
  options.prefix = 'b'
  expect(impl.options).toEqual({ prefix: 'a' })
  expect(impl.contract).toBe(1)
  for (const part of [impl, impl.options, impl.supports]) expect(Object.isFrozen(part)).toBe(true)
})

test('valid calls reach the mechanism unchanged', async () => {
  const [create, destroy] = [vi.fn(() => null), vi.fn(() => false)]
  const createAsync = vi.fn(async () => null)
  const space = defined(rawSpace({ create, destroy, createAsync })).open(scope)
  const evidence = { identity: 7, size: 1, recordedAtMs: 5, creatorPid: 9 }
  const { signal } = new AbortController()
  space.create(2, 100)
  expect(space.destroy(4, evidence)).toBe(false)
  await space.createAsync(6, 1, { signal })
  expect(create.mock.calls).toEqual([[2, 100]])
  expect(destroy.mock.calls).toEqual([[4, evidence]])
  expect(createAsync.mock.calls).toEqual([[6, 1, { signal }]])
})

test('refused calls do not reach the mechanism', async () => {
  const raw = rawSpace()
  const space = defined(raw).open(scope)
  for (const size of [0, 101, '1', Number.NaN]) {
    expect(codeOf(() => space.create(2, size as number))).toMatch(/^ERR_/)
    expect(codeOf(() => space.attach(2, size as number))).toMatch(/^ERR_/)
    await expect(space.createAsync(2, size as number)).rejects.toThrow('"size"')
  }
  for (const handle of [0, 1, 2 ** 32, '2']) {
    expect(codeOf(() => space.create(handle as number, 1))).toMatch(/^ERR_/)
    expect(codeOf(() => space.destroy(handle as number))).toMatch(/^ERR_/)
    expect(codeOf(() => space.osName(handle as number))).toMatch(/^ERR_/)
  }
  for (const call of [raw.create, raw.attach, raw.createAsync, raw.destroy, raw.osName]) {
    expect(call).not.toHaveBeenCalled()
  }
})

test('native failures become DsmErrors about the right name; others pass', async () => {
  const surprise = new Error('not a native failure')
  const raw = rawSpace({
    createAsync: () => Promise.reject(failure),
    create: () => {
      throw surprise
    },
  })
  const space = defined(raw).open(scope)
  expect(() => space.attach(2, 1)).toThrow(/^could not open shared memory segment "\/raw\.2": /)
  await expect(space.createAsync(4, 1)).rejects.toMatchObject({
    code: 'DSM_ACCESS',
    segment: '/raw.4',
    cause: failure,
  })
  expect(() => space.create(2, 1)).toThrow(surprise)
})

test('an abort is an AbortError with its reason, whatever the mechanism made of it', async () => {
  const controller = new AbortController()
  const raw = rawSpace({ createAsync: () => Promise.reject(failure) })
  const promise = defined(raw).open(scope).createAsync(2, 1, controller)
  controller.abort('enough')
  await expect(promise).rejects.toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: 'enough',
  })
})

test('a signal that is aborted already keeps the mechanism out of it', async () => {
  const raw = rawSpace()
  const promise = defined(raw).open(scope).createAsync(2, 1, { signal: AbortSignal.abort() })
  await expect(promise).rejects.toMatchObject({ name: 'AbortError' })
  expect(raw.createAsync).not.toHaveBeenCalled()
})

test('close is passed on once, and ends every operation', async () => {
  const raw = rawSpace({ enumerate: () => [2] })
  const space = defined(raw).open(scope)
  expect(space.enumerate!()).toEqual([2])
  for (let round = 0; round < 3; round++) space.close()
  expect(raw.close).toHaveBeenCalledTimes(1)
  expect(codeOf(() => space.create(2, 1))).toBe('DSM_CLOSED')
  expect(codeOf(() => space.enumerate!())).toBe('DSM_CLOSED')
  await expect(space.createAsync(2, 1)).rejects.toSatisfy(DsmError.isInstance)
  expect(raw.create).not.toHaveBeenCalled()
})

test('optional methods are there exactly where the mechanism has them', () => {
  const bare = defined(rawSpace()).open(scope)
  const full = defined(
    rawSpace({
      enumerate: () => [],
      sameName: (one, other) => one === other,
      pin: () => 5n,
      unpin: () => undefined,
    }),
  ).open(scope)
  for (const method of ['enumerate', 'sameName', 'pin', 'unpin'] as const) {
    expect(bare[method]).toBeUndefined()
    expect(typeof full[method]).toBe('function')
  }
  expect(full.pin!(2)).toBe(5n)
  expect(full.sameName!(2, 4)).toBe(false)
  expect(codeOf(() => full.pin!(3))).toBe('ERR_OUT_OF_RANGE')
})
