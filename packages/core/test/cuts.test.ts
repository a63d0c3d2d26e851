/**
 * JavaScript is stopped in the middle of an operation while its thread lives on: at the n-th store,
 * for n = 1, 2, … until the operation ends without reaching it. A vm timeout runs no `finally`; an
 * exception out of a store does. Either way the member and the others go on, and nothing leaks.
 */
import { setStoreTrap } from '@dsm/control'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Dsm, Segment } from '../src/index.js'
import { atEveryStore, never, type Outcome, thrown, throwsCut, vmTimeout } from './support/cut.js'
import { code, usePlace } from './support/place.js'

const place = usePlace()
const SIZES = { maxMembers: 3, maxSegments: 4 }
const PATTERN = 0x5a
/** What waits for a timer of one second, on a busy machine. */
const GIVEN_UP = { timeout: 60_000 }

afterEach(() => {
  setStoreTrap(null)
})

test('by an exception in any part of createAsync', async () => {
  const one = place.open('posix', SIZES)
  for (let n = 1; ; n++) {
    let left = n
    setStoreTrap(() => {
      if (--left === 0) throw 'cut'
    })
    const made = await one.createAsync(4096).catch((error: unknown) => {
      expect(error).toBe('cut')
      return null
    })
    setStoreTrap(null)
    made?.detach()
    expect(one.segments()).toEqual([])
    expect(place.objects()).toHaveLength(1)
    for (let slot = 0; slot < SIZES.maxSegments; slot++) one.create(64)
    expect(one.create(64, { nullIfMaxSegments: true })).toBe(null)
    one.detachAll()
    if (made === null) continue
    expect(n).toBeGreaterThan(15)
    return
  }
})

describe.each([
  ['a vm timeout', vmTimeout, never],
  ['an exception', thrown, throwsCut],
])('by %s', (_, cut, stop) => {
  let one: Dsm
  let other: Dsm
  let kept: Segment

  function open(): void {
    one = place.open('posix', { ...SIZES, lockTimeoutMs: 1_000 })
    other = place.open(null, { lockTimeoutMs: 1_000 })
    kept = other.create(4096)
    kept.bytes.fill(PATTERN)
  }

  /** Both members see the kept segment alone, with one reference, and have all the room. */
  function wholeAgain(): void {
    for (const dsm of [other, one]) {
      const made: Segment[] = []
      for (let n = 1; n < SIZES.maxSegments; n++) made.push(dsm.create(64))
      expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
      for (const segment of made) segment.detach()
    }
    for (const dsm of [other, one]) {
      expect(dsm.segments()).toMatchObject([{ handle: kept.handle, refcnt: 2, abandoned: 0 }])
      expect(dsm.members().map(({ handles }) => handles)).toEqual([[], [kept.handle]])
    }
    expect(kept.bytes.every(byte => byte === PATTERN)).toBe(true)
    expect(one.findMapping(kept.handle)).toBe(null)
    expect(place.objects()).toHaveLength(2)
  }

  /** The one that was cut does something first; whatever it is, it mends. */
  const look = () => {
    one.segments()
    wholeAgain()
  }

  test('in create', () => {
    open()
    // What was made and not cut is let go, as nobody has it otherwise.
    const before = () => () => one.create(4096)
    const cuts = atEveryStore(cut, before, () => {
      if (one.segments().length === 2) one.detachAll()
      look()
    })
    expect(cuts).toBeGreaterThanOrEqual(15)
  })

  test('in attach', () => {
    open()
    const cuts = atEveryStore(
      cut,
      () => () => one.attach(kept.handle)!,
      () => {
        one.findMapping(kept.handle)?.detach()
        look()
      },
    )
    expect(cuts).toBeGreaterThanOrEqual(3)
  })

  test('in the detach that lets the other keep the segment', () => {
    open()
    const before = () => {
      const attached = one.attach(kept.handle)!
      expect(attached.bytes.length).toBe(4096)
      return () => attached.detach()
    }
    const detached = (outcome: Outcome) => {
      if (outcome === 'cut early') one.detachAll() // before it had begun, perhaps
      look()
    }
    expect(atEveryStore(cut, before, detached)).toBeGreaterThanOrEqual(3)
  })

  test('in the detach that removes the segment', () => {
    open()
    const before = () => {
      const own = one.create(4096)
      return () => own.detach()
    }
    const detached = (outcome: Outcome) => {
      if (outcome === 'cut early') one.detachAll()
      look()
    }
    expect(atEveryStore(cut, before, detached)).toBeGreaterThanOrEqual(10)
  })

  test('in detachAll: what was not reached is still attached', () => {
    open()
    const before = () => {
      one.create(64)
      one.attach(kept.handle)
      return () => one.detachAll()
    }
    const cuts = atEveryStore(cut, before, () => {
      one.detachAll()
      look()
    })
    expect(cuts).toBeGreaterThanOrEqual(13)
  })

  test('in the mending itself', () => {
    open()
    const before = () => {
      let outcome: Outcome
      do outcome = cut(12, () => one.create(4096))
      while (outcome === 'cut early')
      expect(outcome).toBe('cut')
      return () => one.segments()
    }
    expect(atEveryStore(cut, before, look)).toBeGreaterThanOrEqual(20)
  })
  test.each(['create', 'attach', 'detach'])(
    'in %s, and nothing of the member is called: its sweep timer mends, the other waits',
    async operation => {
      other = place.open('posix', { ...SIZES, lockTimeoutMs: 1_000 })
      one = place.open(null) // its timer comes second, when the other has swept already
      kept = other.create(64)
      const attached = operation === 'detach' ? one.attach(kept.handle) : null
      const operations: Record<string, () => unknown> = {
        create: () => one.create(4096),
        attach: () => one.attach(kept.handle),
        detach: () => attached!.detach(),
      }
      let outcome = cut(2, operations[operation]!)
      expect(outcome).not.toBe('whole')
      // Detaching again may find that only the mending is left to do.
      while (outcome === 'cut early') outcome = cut(2, operations[operation]!)
      await expect
        .poll(() => other.segments(), { timeout: 30_000 })
        .toMatchObject([{ handle: kept.handle, refcnt: 2 }])
      expect(place.objects()).toHaveLength(2)
    },
  )

  test(
    'in getOrCreate: what was being made is given up, the other one makes it',
    GIVEN_UP,
    async () => {
      const sizes = { maxMembers: 2, maxSegments: 256 }
      one = place.open('posix', { ...sizes, lockTimeoutMs: 1_000 })
      other = place.open(null)
      const names: string[] = []
      const make = () => one.getOrCreate(names.at(-1)!, 64, ({ bytes }) => bytes.fill(1))
      const before = () => {
        names.push(`n${names.length}`)
        return make
      }
      const cuts = atEveryStore(cut, before, () => one.segments())
      expect(cuts).toBeGreaterThanOrEqual(30)
      for (const name of names) {
        const { segment, created } = await other.getOrCreateAsync(name, 64, ({ bytes }) => {
          bytes.fill(2)
        })
        expect(segment.bytes).toEqual(new Uint8Array(64).fill(created ? 2 : 1))
      }
      one.detachAll()
      other.detachAll()
      expect(other.segments()).toEqual([])
      expect(place.objects()).toHaveLength(1)
    },
  )

  test('in close: closing again finishes it, and the other one goes on', () => {
    open()
    const before = () => {
      one.create(64)
      return () => one.close()
    }
    const cuts = atEveryStore(cut, before, () => {
      one.close()
      expect(other.create(64).bytes.length).toBe(64)
      other.detachAll()
      other.close()
      expect(place.left()).toEqual([])
      open()
    })
    expect(cuts).toBeGreaterThanOrEqual(10)
  })

  test('in shutdown: shutting down again finishes it, and another life can begin', () => {
    open()
    const before = () => {
      one.create(64)
      return () => one.shutdown()
    }
    const cuts = atEveryStore(cut, before, () => {
      one.shutdown()
      one.close()
      expect(() => other.create(64)).toThrow(code('DSM_CLOSED'))
      expect(kept.bytes.every(byte => byte === PATTERN)).toBe(true)
      other.close()
      expect(place.left()).toEqual([])
      open()
    })
    expect(cuts).toBeGreaterThanOrEqual(4)
  })

  test('in open, as a joiner: the next one can open, and the entry is not lost for ever', () => {
    open()
    let joined: Dsm | null = null
    const before = () => () => {
      joined = place.open(null, { lockTimeoutMs: 1_000 })
    }
    const cuts = atEveryStore(cut, before, () => {
      joined?.close()
      joined = null
      const next = place.open(null, { lockTimeoutMs: 1_000 })
      expect(next.create(64).size).toBe(64)
      next.close()
      wholeAgain()
    })
    expect(cuts).toBeGreaterThanOrEqual(7)
  })

  test('in open, where it has joined already: it leaves again', GIVEN_UP, async () => {
    open()
    const timers = vi.spyOn(globalThis, 'setInterval').mockImplementation(stop)
    const outcome = cut(Number.POSITIVE_INFINITY, () => place.open(null))
    timers.mockRestore()
    expect(outcome).not.toBe('whole')
    expect(other.members()).toHaveLength(3)
    await expect.poll(() => other.members().length, { timeout: 30_000 }).toBe(2)
    wholeAgain()
  })

  test('in open, making the group: the next one makes it', () => {
    const options = { ...SIZES, lockTimeoutMs: 1_000 }
    let made: Dsm | null = null
    const before = () => () => {
      made = place.open('posix', options)
    }
    const cuts = atEveryStore(cut, before, () => {
      made?.close()
      made = null
      const next = place.open('posix', options)
      expect(next.members()).toHaveLength(1)
      next.close()
      expect(place.left()).toEqual([])
    })
    expect(cuts).toBeGreaterThanOrEqual(25)
  })
})
