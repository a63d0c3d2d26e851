/** Callbacks before a mapping goes. */
import { describe, expect, test } from 'vitest'
import type { Segment } from '../src/index.js'
import { usePlace } from './support/place.js'

const place = usePlace()

test('case 64: newest first, each once, with the segment still mapped', () => {
  const segment = place.open('local').create(10)
  const ran: string[] = []
  for (const name of ['A', 'B', 'C']) {
    segment.onDetach((mapped, arg) => ran.push(`${arg}${mapped.bytes.length}`), name)
  }
  segment.detach()
  segment.detach()
  expect(ran).toEqual(['C10', 'B10', 'A10'])
  expect(segment.bytes.length).toBe(0)
})

test('case 65: an error passes through; the rest runs at the next detach, what ran does not', () => {
  const dsm = place.open('local')
  const segment = dsm.create(10)
  const ran: string[] = []
  segment.onDetach(() => ran.push('A'))
  segment.onDetach(() => {
    ran.push('B')
    throw new Error('B fails')
  })
  segment.onDetach(() => ran.push('C'))
  expect(() => segment.detach()).toThrow('B fails')
  expect(ran).toEqual(['C', 'B'])
  expect(segment.detached).toBe(false)
  expect(segment.bytes.length).toBe(10)
  expect(dsm.segments()).toMatchObject([{ refcnt: 2 }])
  segment.detach()
  expect(ran).toEqual(['C', 'B', 'A'])
  expect(dsm.segments()).toEqual([])
})

test('case 66: a callback that registers another: it runs in the same detach', () => {
  const segment = place.open('local').create(10)
  const ran: string[] = []
  segment.onDetach(() => {
    segment.onDetach(() => ran.push('D'))
    ran.push('A')
  })
  segment.detach()
  expect(ran).toEqual(['A', 'D'])
})

test('cases 67 and 68: cancel takes the newest equal pair, and none silently', () => {
  const segment = place.open('local').create(10)
  const ran: unknown[] = []
  const note = (_: Segment, arg: string) => ran.push(arg)
  segment.onDetach(note, 'x')
  segment.onDetach(() => ran.push('between'))
  segment.onDetach(note, 'x')
  segment.onDetach(note, 'y')
  segment.cancelOnDetach(note, 'x')
  segment.cancelOnDetach(note, 'absent')
  segment.cancelOnDetach(() => {}, 'x')
  segment.detach()
  expect(ran).toEqual(['y', 'between', 'x'])
})

test('the Disposable that onDetach gives takes off its own one, not an equal older one', () => {
  const segment = place.open('local').create(10)
  const ran: string[] = []
  const note = (_: Segment, arg: string) => ran.push(arg)
  const first = segment.onDetach(note, 'x')
  segment.onDetach(() => ran.push('between'))
  segment.onDetach(note, 'x')
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  segment.detach()
  expect(ran).toEqual(['x', 'between'])
})

test('a callback may detach other segments, and its own, without harm', () => {
  const dsm = place.open('local')
  const [one, two] = [dsm.create(10), dsm.create(20)]
  const ran: string[] = []
  two.onDetach(() => ran.push('two'))
  one.onDetach(() => ran.push('oldest'))
  one.onDetach(() => {
    two.detach()
    one.detach()
    ran.push(`own, ${one.detached}`)
  })
  one.detach()
  expect(ran).toEqual(['two', 'oldest', 'own, true'])
  expect(dsm.segments()).toEqual([])
})

test('what is no function is refused', () => {
  const segment = place.open('local').create(10)
  for (const callback of [undefined, null, 'f', {}]) {
    expect(() => segment.onDetach(callback as never)).toThrow(TypeError)
  }
})

describe('of all segments', () => {
  test('case 71: detachAll and close detach the newest first', () => {
    for (const how of ['detachAll', 'close'] as const) {
      const dsm = place.open('local')
      const ran: number[] = []
      for (const size of [1, 2, 3]) dsm.create(size).onDetach(({ size }) => ran.push(size))
      dsm[how]()
      expect(ran).toEqual([3, 2, 1])
    }
  })

  test('case 72: detachAll twice is detachAll once, and the group stays joined', () => {
    const dsm = place.open('local')
    dsm.create(1)
    dsm.detachAll()
    dsm.detachAll()
    expect(dsm.segments()).toEqual([])
    expect(dsm.create(1).size).toBe(1)
  })

  test('case 94: close goes on past callbacks that throw, then throws the first error', () => {
    const dsm = place.open('local')
    const ran: string[] = []
    dsm.create(1).onDetach(() => ran.push('one'))
    const two = dsm.create(2)
    two.onDetach(() => ran.push('two'))
    for (const name of ['first', 'second']) {
      two.onDetach(() => {
        throw new Error(name)
      })
    }
    expect(() => dsm.close()).toThrow('second')
    expect(ran).toEqual(['two', 'one'])
    expect(two.detached).toBe(true)
    expect(() => dsm.close()).not.toThrow()
  })

  test('case 70: after resetOnDetach nothing runs, and references stay counted until close', () => {
    const [one, two] = [place.open('local'), place.open(null)]
    const segment = one.create(10)
    let ran = 0
    segment.bytes.fill(1)
    segment.onDetach(() => ran++)
    one.resetOnDetach()
    segment.detach()
    expect(segment.bytes.length).toBe(0)
    expect(ran).toBe(0)
    expect(two.segments()).toMatchObject([{ refcnt: 2 }])
    one.close()
    expect(two.segments()).toEqual([])
  })
})
