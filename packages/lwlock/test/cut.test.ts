/**
 * Sections cut while their thread lives on: JavaScript stopped between two steps, no `finally` run.
 * The lock must not stay held, and whoever gets it next must be told to recover.
 */
import { setTimeout as later } from 'node:timers/promises'
import vm from 'node:vm'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Held, LWLock } from '../src/index.js'
import { interceptStores } from '../src/testing.js'
import { Arena, COUNTER, LOCK, leftovers, type Mode } from './arena.js'

const code = (expected: string) => expect.objectContaining({ code: expected })
const forever = () => {
  for (;;);
}

/** Runs `work`, cutting it by a vm timeout if it takes longer. True if that was so. */
function wasCut(work: () => void, timeoutMs = 10): boolean {
  Object.assign(globalThis, { workToCut: work })
  try {
    vm.runInThisContext('globalThis.workToCut()', { timeout: timeoutMs })
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' })
    return true
  }
}

const cut = (work: () => void, timeoutMs?: number) => expect(wasCut(work, timeoutMs)).toBe(true)

/** Calls `work` with the stack that `frames` small functions need left. It may overflow. */
function nearTheEnd(frames: number, work: () => void): void {
  let left = -1
  const dive = (): void => {
    try {
      dive()
    } catch {} // of the deepest, which has no room to do anything, and of `work`
    if (++left === frames) work()
  }
  dive()
}

/** The event loop turns until the lock can be had. Ends, or the test's time does. */
async function eventually(lock: LWLock): Promise<Held> {
  for (;;) {
    const held = lock.tryAcquire()
    if (held !== null) return held
    await later(5)
  }
}

describe.each(['word', 'file'] as Mode[])('lock by %s:', mode => {
  const arena = new Arena()
  let lock: LWLock
  let other: LWLock
  let generation = 0

  beforeEach(() => {
    generation++
    lock = arena.lock(mode, arena.oracle(0, generation))
    const file = mode === 'file' ? arena.open('lock') : undefined
    const words = new Int32Array(arena.mapAgain())
    other = new LWLock(words, LOCK, arena.oracle(1, generation), { file })
  })
  afterAll(() => arena[Symbol.dispose]())

  test('a cut runs no finally: this is what is at stake', () => {
    let ran = false
    cut(() => {
      try {
        forever()
      } finally {
        ran = true
      }
    })
    expect(ran).toBe(false)
  })

  test('run, cut in its function: another member gets the lock, told to recover', async () => {
    cut(() => lock.run(forever))
    expect(other.tryAcquire()).toBeNull()
    using held = await eventually(other)
    expect(held.recovered).toBe(true)
  })

  test('run, cut in its function: this thread gets the lock, told to recover', async () => {
    cut(() => lock.run(forever))
    expect(() => lock.acquire()).toThrow(code('DSM_LOCK_HELD')) // it could be a call from inside
    {
      using held = await lock.acquireAsync()
      expect(held.recovered).toBe(true)
    }
    expect(lock.run(recovered => recovered)).toBe(false)
  })

  test('a section cut inside another is given up when that one ends', () => {
    const outer = new LWLock(arena.words, LOCK + 1, arena.oracle(2, generation))
    outer.run(() => {
      cut(() => lock.run(forever))
      expect(other.tryAcquire()).toBeNull()
    })
    using held = other.acquire(1000)
    expect(held.recovered).toBe(true)
  })

  test('a Held that was got before the cut is not given up', async () => {
    let held: Held | undefined
    cut(() => {
      held = lock.acquire()
      forever()
    })
    await later(700)
    expect(other.tryAcquire()).toBeNull()
    held?.release()
    expect(other.run(recovered => recovered)).toBe(false)
  })

  const operations = {
    acquire: () => lock.acquire().release(),
    tryAcquire: () => lock.tryAcquire()!.release(),
    run: () => lock.run(() => {}),
    release: (held?: Held) => held?.release(),
  }

  for (const [name, operation] of Object.entries(operations)) {
    test(`${name}, cut before and after each of its stores: the next call sets it right`, () => {
      for (let point = 0; ; point++) {
        const held = name === 'release' ? lock.acquire() : undefined
        let passed = 0
        const hook = interceptStores(arena.words.buffer, () => {
          if (passed++ === point) forever()
        })
        const whole = !wasCut(() => operation(held))
        hook[Symbol.dispose]()
        if (whole) {
          expect(point).toBeGreaterThan(1) // there were stores to cut at
          expect(passed).toBeLessThanOrEqual(point)
          return
        }
        held?.release() // harmless
        lock.tryAcquire()?.release()
        other.run(() => {}, 5000)
        expect(arena.words[LOCK]).toBe(0)
      }
    })
  }

  test('stack overflows in and around run leave nothing held', async () => {
    let overflows = 0
    const descend = (pad: number): number => {
      try {
        lock.run(() => arena.words[COUNTER]!++)
      } catch (error) {
        if (!(error instanceof RangeError) && (error as { code?: string }).code !== 'DSM_LOCK_HELD')
          throw error
      }
      return descend(pad) + pad
    }
    for (let round = 0; round < 30; round++) {
      const shift = (more: number): number => (more === 0 ? descend(1) : shift(more - 1) + 1)
      try {
        shift(round)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        overflows++
      }
    }
    expect(overflows).toBe(30)
    ;(await eventually(other)).release()
    ;(await eventually(lock)).release()
  })

  test('no room to give up what was cut: the next call, with room, does', () => {
    const work = () => lock.tryAcquire()?.release()
    work() // compiled: that takes more stack than running does
    for (let frames = 50; frames >= 0; frames--) {
      const hook = interceptStores(arena.words.buffer, when => {
        if (when === 'after') forever()
      })
      cut(() => lock.acquire(), 5)
      hook[Symbol.dispose]()
      nearTheEnd(frames, work)
      lock.tryAcquire()?.release()
      other.run(() => {}, 1000)
      expect(arena.words[LOCK]).toBe(0)
    }
  })

  test('10 cuts at any moment while another process works: neither loses the lock', async () => {
    const child = arena.child({ role: 'hammer', member: 5, generation, mode, rounds: 30_000 })
    expect(await child.message()).toBe('ready')
    arena.words[COUNTER] = 0
    arena.signal(1)
    for (let round = 0; round < 10; round++) {
      cut(() => {
        for (;;) lock.run(() => arena.words[COUNTER + 1]!++, 30_000)
      }, 3)
      ;(await eventually(lock)).release()
    }
    await child.result()
    expect(arena.words[COUNTER]).toBe(30_000)
    expect(arena.words[LOCK]).toBe(0)
    arena.signal(0)
  })
})

test('nothing is left behind', () => {
  expect(leftovers()).toEqual([])
})
