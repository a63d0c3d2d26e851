/** Segments by name: unrelated processes meet by name alone. */
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Dsm, Segment } from '../src/index.js'
import { code, NATIVE, usePlace } from './support/place.js'

const place = usePlace()

describe.each(NATIVE)('on %s', kind => {
  test('a name leads to the segment, moves, and goes with it', () => {
    const [one, two] = [place.open(kind), place.open(null)]
    const [first, second] = [one.create(10), one.create(20)]
    expect(two.lookup('config')).toBe(null)
    one.publish('config', first.handle)
    expect(two.lookup('config')).toBe(first.handle)
    one.publish('config', second.handle)
    expect(two.attach(two.lookup('config')!)!.size).toBe(20)
    expect(one.segments().map(({ names }) => names)).toEqual([[], ['config']])
    expect(two.unpublish('config')).toBe(true)
    expect(two.unpublish('config')).toBe(false)
    one.publish('gone', first.handle)
    first.detach()
    expect(two.lookup('gone')).toBe(null)
  })

  test('case 137: two processes race on one name: init runs in one of them', async () => {
    const dsm = place.open(kind)
    const members = [place.member(), place.member()]
    for (const member of members) await member.call('open', place.spec(null))
    const results = await Promise.all(members.map(member => member.call('getOrCreate', 'x', 64)))
    expect(results.map(({ created }) => created).sort()).toEqual([false, true])
    expect(results[0].handle).toBe(results[1].handle)
    expect(results.map(({ first }) => first)).toEqual([1, 1])
    expect(dsm.getOrCreate('x', 64).created).toBe(false)
    expect(dsm.findMapping(results[0].handle)!.bytes[0]).toBe(1)
  })

  test('killed inside init: nothing stays, and the next caller runs it', async () => {
    const dsm = place.open(kind)
    const doomed = place.member()
    await doomed.call('open', place.spec(null))
    expect(await doomed.survives('getOrCreate', 'x', 64, 'die')).toBe(false)
    const { segment, created } = dsm.getOrCreate('x', 64, made => made.bytes.fill(9))
    expect(created).toBe(true)
    expect(segment.bytes[63]).toBe(9)
    expect(dsm.segments()).toHaveLength(1)
  })
})

test('case 137: throwing in init: nothing stays, the error passes, the next caller runs it', async () => {
  const [one, two] = [place.open('local'), place.open(null)]
  const fail = () => {
    throw new Error('not now')
  }
  expect(() => one.getOrCreate('x', 64, fail)).toThrow('not now')
  await expect(one.getOrCreateAsync('x', 64, fail)).rejects.toThrow('not now')
  expect(two.segments()).toEqual([])
  expect(two.getOrCreate('x', 64).created).toBe(true)
  expect(one.getOrCreate('x', 64).created).toBe(false)
})

/** An init that is entered, and does not end before it is told to. */
function stopper(): { entered: Promise<void>; finish: () => void; gate: () => Promise<void> } {
  let enter = () => {}
  let finish = () => {}
  const entered = new Promise<void>(resolve => {
    enter = resolve
  })
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const gate = () => {
    enter()
    return finished
  }
  return { entered, finish, gate }
}

test('while one is in init the others wait, and find the segment filled', async () => {
  const [one, two] = [place.open('local'), place.open(null)]
  const { entered, finish, gate } = stopper()
  const filling = one.getOrCreateAsync('x', 64, async segment => {
    await gate()
    segment.bytes[0] = 7
  })
  await entered
  expect(() => one.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_HELD'))
  const waiting = two.getOrCreateAsync('x', 64, () => expect.unreachable())
  expect(two.lookup('x')).toBe(null)
  finish()
  expect((await filling).created).toBe(true)
  const found = await waiting
  expect(found.created).toBe(false)
  expect(found.segment.bytes[0]).toBe(7)
})

describe('an init that a vm timeout stops', { timeout: 30_000 }, () => {
  const cutInit = (dsm: Dsm, name: string, init = (_: Segment): void => {}) => {
    const work = () =>
      dsm.getOrCreate(name, 64, segment => {
        init(segment)
        for (;;);
      })
    Object.assign(globalThis, { cutInit: work })
    expect(() => runInThisContext('cutInit()', { timeout: 50 })).toThrow(
      code('ERR_SCRIPT_EXECUTION_TIMEOUT'),
    )
  }

  test('nothing stays, and who waited runs it', async () => {
    const [one, two] = [place.open('local'), place.open(null)]
    cutInit(one, 'x')
    expect(() => one.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_HELD'))
    expect(two.segments()).toMatchObject([{ names: [] }])
    const { created } = await two.getOrCreateAsync('x', 64)
    expect(created).toBe(true)
    expect(two.segments()).toMatchObject([{ refcnt: 2, names: ['x'] }])
    expect(one.getOrCreate('x', 64).created).toBe(false)
  })

  test('inside the init of another name: given up when that one ends, which is whole', () => {
    const [one, two] = [place.open('local'), place.open(null)]
    expect(one.getOrCreate('outer', 64, () => cutInit(one, 'inner')).created).toBe(true)
    expect(two.segments()).toMatchObject([{ names: ['outer'] }])
    expect(two.getOrCreate('inner', 64).created).toBe(true)
  })

  test('beside an asynchronous making of the same name, which goes on', async () => {
    const [one, two] = [place.open('local'), place.open(null)]
    const impatient = place.open(null, { lockTimeoutMs: 30 })
    const { entered, finish, gate } = stopper()
    const filling = one.getOrCreateAsync('x', 64, gate)
    await entered
    cutInit(one, 'y', () => {
      expect(() => one.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_HELD'))
    })
    expect((await two.getOrCreateAsync('y', 64)).created).toBe(true)
    expect(() => impatient.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_TIMEOUT'))
    finish()
    expect((await filling).created).toBe(true)
  })

  test('a call that was refused takes no claim away from one that came later', async () => {
    const [one, impatient] = [place.open('local'), place.open(null, { lockTimeoutMs: 30 })]
    const { entered, finish, gate } = stopper()
    one.getOrCreate('x', 64)
    let filling: Promise<{ created: boolean }> | undefined
    one.getOrCreate('outer', 64, () => {
      expect(() => one.getOrCreate('x', 65)).toThrow(code('DSM_SIZE_MISMATCH'))
      one.unpublish('x')
      filling = one.getOrCreateAsync('x', 64, gate)
    })
    expect(() => impatient.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_TIMEOUT'))
    await entered
    finish()
    expect((await filling)?.created).toBe(true)
  })

  test('a callback that throws when it is given up is warned of, and it is done again', async () => {
    const warnings: string[] = []
    const quiet = () => {}
    const warn = (message: string) => void warnings.push(message)
    const logger = { debug: quiet, info: quiet, warn, error: quiet }
    const [one, two] = [place.open('local', { logger }), place.open(null)]
    cutInit(one, 'x', segment => {
      segment.onDetach(() => {
        throw new Error('not now')
      })
    })
    expect((await two.getOrCreateAsync('x', 64)).created).toBe(true)
    expect(warnings).toEqual(['could not give up a name whose getOrCreate was cut'])
  })
})

test('an init that takes for ever: the others get a typed timeout', async () => {
  const [one, two] = [place.open('local'), place.open(null, { lockTimeoutMs: 30 })]
  const { entered, finish, gate } = stopper()
  const filling = one.getOrCreateAsync('x', 64, gate)
  await entered
  expect(() => two.getOrCreate('x', 64)).toThrow(code('DSM_LOCK_TIMEOUT'))
  await expect(two.getOrCreateAsync('x', 64)).rejects.toMatchObject({ code: 'DSM_LOCK_TIMEOUT' })
  finish()
  await filling
})

test('another size is an error that attaches nothing', () => {
  const [one, two] = [place.open('local'), place.open(null)]
  one.getOrCreate('x', 64)
  expect(() => two.getOrCreate('x', 65)).toThrow(code('DSM_SIZE_MISMATCH'))
  expect(() => one.getOrCreate('x', 65)).toThrow(code('DSM_SIZE_MISMATCH'))
  expect(one.segments()).toMatchObject([{ refcnt: 2 }])
})

test('what is no name, no handle or no function is refused before anything is touched', () => {
  const dsm = place.open('local')
  for (const name of ['', 'x'.repeat(49), 'a\0b']) {
    for (const call of [
      () => dsm.lookup(name),
      () => dsm.unpublish(name),
      () => dsm.publish(name, 2),
      () => dsm.getOrCreate(name, 1),
    ]) {
      expect(call).toThrow(code('ERR_OUT_OF_RANGE'))
    }
  }
  expect(() => dsm.publish('x', 0)).toThrow(RangeError)
  expect(() => dsm.publish('x', 2)).toThrow(code('DSM_UNKNOWN_HANDLE'))
  expect(() => dsm.getOrCreate('x', 0)).toThrow(RangeError)
  expect(() => dsm.getOrCreate('x', 1, 'init' as never)).toThrow(TypeError)
  expect(dsm.segments()).toEqual([])
})
