/**
 * SIGKILL at every store of every operation, on posix: a child is killed by the trap of the n-th
 * store of an operation, for n = 1, 2, … until the operation ends without reaching it. Each time
 * another process goes on, takes everything back, and finds the group whole.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Dsm, Segment } from '../src/index.js'
import type { Member } from './support/member.js'
import { code, usePlace } from './support/place.js'

const place = usePlace()
/** Few slots, so that a create soon finds no room and recovers. */
const SIZES = { maxMembers: 3, maxSegments: 4 }
const PATTERN = 0x5a

/** The survivor finds every slot but its own free, its own segment unchanged, and itself alone. */
function wholeAgain(dsm: Dsm, own: Segment): void {
  const made: Segment[] = []
  for (let n = 1; n < SIZES.maxSegments; n++) made.push(dsm.create(64))
  expect(dsm.create(64, { nullIfMaxSegments: true })).toBe(null)
  for (const segment of made) {
    expect(segment.bytes.every(byte => byte === 0)).toBe(true)
    segment.detach()
  }
  expect(dsm.segments()).toMatchObject([{ handle: own.handle, refcnt: 2, size: 4096 }])
  expect(own.bytes.every(byte => byte === PATTERN)).toBe(true)
  expect(dsm.members()).toMatchObject([{ pid: process.pid, handles: [own.handle] }])
  expect(place.objects()).toHaveLength(2)
}

/**
 * Runs `operation` in children until one survives it; `before` prepares a child, `after` looks at
 * the group when the child is dead. Returns how many kill points there were, give or take `stride`.
 */
async function atEveryStore(
  before: (child: Member) => Promise<unknown[]>,
  operation: string,
  after: () => void | Promise<void>,
  stride = 1,
): Promise<number> {
  let next = place.member()
  for (let n = 1; ; n += stride) {
    const child = next
    next = place.member() // starts while this one is at work
    const args = await before(child)
    await child.call('trap', n, 'kill')
    if (await child.survives(operation, ...args)) {
      const stores = await child.call<number>('stores')
      expect(stores).toBeGreaterThanOrEqual(n - stride)
      expect(stores).toBeLessThan(n)
      await next.kill()
      await child.kill()
      await after()
      return n - 1
    }
    expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' })
    await after()
  }
}

describe('beside a living member', () => {
  /** It does not sweep by itself: what is taken back here is taken back by operations. */
  const survivor = (): [Dsm, Segment] => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const dsm = place.open('posix', SIZES)
    vi.useRealTimers()
    const own = dsm.create(4096)
    own.bytes.fill(PATTERN)
    return [dsm, own]
  }

  test('in open, as a joiner', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('load', place.spec('posix'))
        return [place.spec(null)]
      },
      'open',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(7)
  })

  test('case 41: in create, so between object and slot too', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        return [4096]
      },
      'create',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(15)
  })

  test('in createAsync', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        return [4096]
      },
      'createAsync',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(15)
  })

  test('in a create that finds no room and recovers what another left that was killed', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        const first = place.member('worker')
        await first.call('open', place.spec(null))
        await child.call('open', place.spec(null))
        for (let n = 1; n < SIZES.maxSegments; n++) await first.call('create', 64)
        await first.kill()
        return [4096]
      },
      'create',
      () => wholeAgain(dsm, own),
      3, // the join over a dead entry, below, meets each store of the same recovery
    )
    expect(points).toBeGreaterThanOrEqual(40)
  })

  test('in attach', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        return [own.handle]
      },
      'attach',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(3)
  })

  test('in the detach that lets others keep the segment', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        await child.call('attach', own.handle)
        return [own.handle]
      },
      'detach',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(3)
  })

  test('in the detach that removes the segment', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        return [(await child.call('create', 4096)).handle]
      },
      'detach',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(10)
  })

  test('in close, with a segment attached and one of its own', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        await child.call('attach', own.handle)
        await child.call('create', 4096)
        return []
      },
      'close',
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(15)
  })

  test('in shutdown: the other one is shut out or not, and in the end all is gone', async () => {
    let [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        await child.call('open', place.spec(null))
        await child.call('attach', own.handle)
        return []
      },
      'shutdown',
      () => {
        try {
          wholeAgain(dsm, own)
        } catch (error) {
          expect(error).toEqual(code('DSM_CLOSED'))
          expect(own.bytes.every(byte => byte === PATTERN)).toBe(true)
        }
        dsm.close()
        expect(place.left()).toEqual([])
        ;[dsm, own] = survivor()
      },
    )
    expect(points).toBeGreaterThanOrEqual(4)
  })

  test('in the recovery of another that was killed: the double kill', async () => {
    const [dsm, own] = survivor()
    const points = await atEveryStore(
      async child => {
        const first = place.member('worker')
        await first.call('open', place.spec(null))
        await first.call('attach', own.handle)
        await first.call('create', 4096)
        await child.call('load', place.spec('posix'))
        await first.kill()
        return [place.spec(null)]
      },
      'open', // over the dead one's entry, which recovers first
      () => wholeAgain(dsm, own),
    )
    expect(points).toBeGreaterThanOrEqual(25)
  })
})

describe('with nobody else in the group', () => {
  /** The next opener finds nothing, and leaves nothing. */
  function cleanStart(): void {
    const dsm = place.open('posix', SIZES)
    expect(dsm.segments()).toEqual([])
    expect(dsm.members()).toMatchObject([{ pid: process.pid }])
    expect(dsm.create(64).size).toBe(64)
    dsm.close()
    expect(place.left()).toEqual([])
  }

  test('in open, making the group', async () => {
    const points = await atEveryStore(
      async child => {
        await child.call('load', place.spec('posix'))
        return [{ ...place.spec('posix'), ...SIZES }]
      },
      'open',
      cleanStart,
    )
    expect(points).toBeGreaterThanOrEqual(25)
  })

  test('in the close of the last one out', async () => {
    const points = await atEveryStore(
      async child => {
        await child.call('open', { ...place.spec('posix'), ...SIZES })
        await child.call('create', 64)
        return []
      },
      'close',
      cleanStart,
    )
    expect(points).toBeGreaterThanOrEqual(10)
  })

  test('in shutdown', async () => {
    const points = await atEveryStore(
      async child => {
        await child.call('open', { ...place.spec('posix'), ...SIZES })
        await child.call('create', 64)
        return []
      },
      'shutdown',
      cleanStart,
    )
    expect(points).toBeGreaterThanOrEqual(10)
  })
})
