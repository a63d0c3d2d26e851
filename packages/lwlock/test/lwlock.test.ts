/** LWLock as its users see it, in both modes. Death is in death.test.ts, cuts in cut.test.ts. */
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { DeathOracle } from '../src/index.js'
import { LWLock } from '../src/index.js'
import { memoryOracle } from '../src/testing.js'
import { Arena, LOCK, leftovers, type Mode } from './arena.js'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe.each(['word', 'file'] as Mode[])('lock by %s:', mode => {
  const arena = new Arena()
  let lock: LWLock
  let generation = 0
  let oracle: DeathOracle
  /** The same lock for another member; in this thread, with a file of its own. */
  const another = () => new LWLock(otherWords(), LOCK, otherOracle, fileOf())
  const fileOf = () => (mode === 'file' ? { file: arena.open('lock') } : {})
  // Another typed array over another mapping: this thread's table of sections does not know it.
  const otherWords = () => new Int32Array(arena.mapAgain())
  let otherOracle: DeathOracle

  beforeEach(() => {
    generation++
    oracle = arena.oracle(0, generation)
    otherOracle = arena.oracle(1, generation)
    arena.words[LOCK] = 0
    lock = arena.lock(mode, oracle)
  })
  afterAll(() => arena[Symbol.dispose]())

  test('acquire and release, by using', () => {
    {
      using held = lock.acquire()
      expect(held.recovered).toBe(false)
      expect(arena.words[LOCK]).toBe(oracle.token)
    }
    expect(arena.words[LOCK]).toBe(0)
  })

  test('not re-entrant: DSM_LOCK_HELD at once, and tryAcquire has null', () => {
    using _ = lock.acquire()
    expect(() => lock.acquire()).toThrow(code('DSM_LOCK_HELD'))
    expect(() => lock.run(() => {})).toThrow(code('DSM_LOCK_HELD'))
    expect(lock.tryAcquire()).toBeNull()
    const again = arena.lock(mode, oracle) // another object for the same word
    expect(() => again.acquire()).toThrow(code('DSM_LOCK_HELD'))
  })

  test('not re-entrant inside run either', () => {
    lock.run(() => {
      expect(() => lock.run(() => {})).toThrow(code('DSM_LOCK_HELD'))
      expect(lock.tryAcquire()).toBeNull()
    })
    expect(arena.words[LOCK]).toBe(0)
  })

  test('a Held released twice is harmless, also when somebody else has the lock by then', () => {
    const first = lock.acquire()
    first.release()
    first.release()
    const second = lock.acquire()
    first.release()
    first[Symbol.dispose]()
    expect(arena.words[LOCK]).toBe(oracle.token)
    second.release()
  })

  test('a Held lives across turns of the event loop', async () => {
    const held = lock.acquire()
    await later(700) // longer than the watcher's round
    expect(arena.words[LOCK]).toBe(oracle.token)
    held.release()
    expect(lock.run(recovered => recovered)).toBe(false)
  })

  test('run returns what its function returns, and gives the lock back if that throws', () => {
    expect(lock.run(() => 7)).toBe(7)
    expect(() =>
      lock.run(() => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(arena.words[LOCK]).toBe(0)
  })

  test('run refuses a function that returns a promise, which would outlive the lock', () => {
    expect(() => lock.run(async () => {})).toThrow(code('ERR_INVALID_ARG_TYPE'))
    expect(arena.words[LOCK]).toBe(0)
  })

  test('another member is kept out, and let in afterwards', () => {
    const other = another()
    const held = lock.acquire()
    expect(other.tryAcquire()).toBeNull()
    expect(() => other.acquire(20)).toThrow(code('DSM_LOCK_TIMEOUT'))
    expect(() => other.acquire(20)).toThrow(`pid ${process.pid} (running)`)
    held.release()
    other.acquire().release()
  })

  test('acquireAsync waits without blocking, for others and for tasks of this thread', async () => {
    const held = lock.acquire()
    const order: string[] = []
    const waiting = lock.acquireAsync().then(got => {
      order.push('got')
      return got
    })
    await later(30)
    order.push('released')
    held.release()
    const got = await waiting
    expect(order).toEqual(['released', 'got'])
    const other = another().acquireAsync()
    got.release()
    ;(await other).release()
  })

  test('acquireAsync gives up in time, naming who holds', async () => {
    using _ = lock.acquire()
    await expect(lock.acquireAsync({ timeoutMs: 20 })).rejects.toThrow('held by this thread')
    await expect(another().acquireAsync({ timeoutMs: 20 })).rejects.toThrow(`pid ${process.pid}`)
  })

  test('acquireAsync can be aborted, before and while', async () => {
    using _ = lock.acquire()
    const control = new AbortController()
    const waiting = lock.acquireAsync({ signal: control.signal })
    await later(10)
    control.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    await expect(lock.acquireAsync({ signal: control.signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  test('50 tasks of one thread exclude each other', async () => {
    let inside = 0
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        using _ = await lock.acquireAsync()
        expect(++inside).toBe(1)
        await new Promise(resolve => setImmediate(resolve))
        inside--
      }),
    )
  })

  test('an overwritten word is DSM_CORRUPT at release, and the lock usable after repair', () => {
    const held = lock.acquire()
    arena.words[LOCK] = otherOracle.token
    expect(() => held.release()).toThrow(code('DSM_CORRUPT'))
    expect(arena.words[LOCK]).toBe(otherOracle.token)
    arena.words[LOCK] = 0
    lock.run(() => {})
  })
})

test('the constructor refuses wrong arguments with Node’s codes', () => {
  const words = new Int32Array(4)
  const oracle = memoryOracle(1, new Set([1]))
  const make =
    (...args: unknown[]) =>
    () =>
      new LWLock(...(args as [never, never, never, never]))
  expect(make(new Uint32Array(4), 0, oracle)).toThrow(code('ERR_INVALID_ARG_TYPE'))
  expect(make(words, 4, oracle)).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(make(words, 0, {})).toThrow(code('ERR_INVALID_ARG_TYPE'))
  expect(make(words, 0, { ...oracle, token: 0 })).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(make(words, 0, oracle, { timeoutMs: -1 })).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(make(words, 0, oracle, { file: 'x' })).toThrow(code('ERR_INVALID_ARG_TYPE'))
  const lock = new LWLock(words, 0, oracle)
  expect(() => lock.acquire(Number.NaN)).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(() => lock.run(3 as never)).toThrow(code('ERR_INVALID_ARG_TYPE'))
})

test('nothing is left behind', () => {
  expect(leftovers()).toEqual([])
})
