/** Single calls: what they refuse, and that a refused call changes nothing. */
import { describe, expect, test } from 'vitest'
import { ResourceOwner } from '../src/index.js'
import { hold, recorder } from './recorder.js'

const wrongState = expect.objectContaining({ code: 'ERR_INVALID_STATE' })

describe('enlarge, remember, forget', () => {
  test('remember asserts that it was enlarged; several enlarges reserve one place', () => {
    const { owner, kind } = recorder()
    const query = owner('query')
    const segment = kind()
    expect(() => query.remember('one', segment)).toThrow(wrongState)
    query.enlarge()
    query.enlarge()
    query.remember('one', segment)
    expect(() => query.remember('two', segment)).toThrow(wrongState)
    expect(query.size).toBe(1)
  })

  test('a release takes back what was reserved', () => {
    const { owner, kind } = recorder()
    const query = owner('query')
    query.enlarge()
    query.releaseAll({ commit: false })
    expect(() => query.remember('one', kind())).toThrow(wrongState)
  })

  test('what is not held cannot be forgotten', () => {
    const { owner, kind } = recorder()
    const query = owner('query')
    const [segment, other] = [kind(), kind()]
    hold(query, segment, 'one')
    expect(() => query.forget('two', segment)).toThrow(wrongState)
    expect(() => query.forget('one', other)).toThrow(wrongState)
    query.forget('one', segment)
    expect(() => query.forget('one', segment)).toThrow(wrongState)
  })

  test.each([2, 40, 100])('a resource held %i times is forgotten as often', times => {
    const { owner, kind } = recorder()
    const query = owner('query')
    const [segment, other] = [kind(), kind()]
    for (let time = 0; time < times; time++) {
      hold(query, segment, 'same')
      hold(query, other, 'same')
    }
    for (let time = 0; time < times; time++) query.forget('same', segment)
    expect(() => query.forget('same', segment)).toThrow(wrongState)
    expect(query.size).toBe(times)
  })

  test('any value can be held', () => {
    const { owner } = recorder()
    const query = owner('query')
    const released: unknown[] = []
    const kind = {
      name: 'value',
      phase: 'locks',
      priority: 1,
      release: (value: unknown) => released.push(value),
    } as const
    const values = [Number.NaN, undefined, null, 0, 7n, 'text', Symbol('s')]
    for (let round = 0; round < 10; round++) {
      for (const value of values) {
        query.enlarge()
        query.remember(value, kind)
      }
    }
    for (let round = 0; round < 9; round++) for (const value of values) query.forget(value, kind)
    query.releaseAll({ commit: true })
    expect(released).toEqual([...values].reverse())
  })
})

describe('the tree', () => {
  test('delete refuses while an owner or one below it holds something, and changes nothing', () => {
    const { owner, kind } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    hold(child, kind(), 'one')
    expect(() => parent.delete()).toThrow(wrongState)
    expect(() => child.delete()).toThrow(/"child" still holds 1/)
    expect(child.parent).toBe(parent)
    parent.releaseAll({ commit: false })
    parent.delete()
    expect(() => child.enlarge()).toThrow(wrongState)
    expect(child.parent).toBeNull()
    parent.delete()
  })

  test('delete refuses an owner that is current', () => {
    const { owner } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    child.run(() => {
      expect(() => child.delete()).toThrow(wrongState)
      expect(() => parent.delete()).toThrow(/"child" is current/)
    })
    parent.delete()
  })

  test('a deleted owner holds nothing, has no children and is no parent', () => {
    const { owner, kind } = recorder()
    const parent = owner('parent')
    parent.delete()
    expect(() => parent.enlarge()).toThrow(wrongState)
    expect(() => parent.remember('one', kind())).toThrow(wrongState)
    expect(() => owner('child', parent)).toThrow(wrongState)
    expect(() => owner('child').newParent(parent)).toThrow(wrongState)
    expect(() => parent.newParent(null)).toThrow(wrongState)
    parent.releaseAll({ commit: true })
    expect(() => parent.enlarge()).toThrow(wrongState)
  })

  test('newParent moves an owner with its children, and refuses cycles', () => {
    const { owner, kind, released } = recorder()
    const [a, b] = [owner('a'), owner('b')]
    const child = owner('child', a)
    const grandchild = owner('grandchild', child)
    for (const below of [a, child, grandchild]) {
      expect(() => a.newParent(below)).toThrow(wrongState)
    }
    expect([a.parent, child.parent]).toEqual([null, a])
    hold(grandchild, kind(), 'one')
    child.newParent(b)
    a.releaseAll({ commit: false })
    expect(released).toEqual([])
    b.releaseAll({ commit: false })
    expect(released).toEqual(['one'])
    child.newParent(null)
    b.delete()
    child.enlarge()
  })
})

describe('arguments', () => {
  const type = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  const range = expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
  const good = { name: 'x', phase: 'locks', priority: 1, release() {} } as const

  test.each([
    [null, type],
    ['kind', type],
    [{ ...good, name: 1 }, type],
    [{ ...good, phase: 1 }, type],
    [{ ...good, phase: 'during-locks' }, range],
    [{ ...good, priority: '1' }, type],
    [{ ...good, priority: 0 }, range],
    [{ ...good, priority: 1.5 }, range],
    [{ ...good, release: undefined }, type],
    [{ ...good, describe: 'x' }, type],
  ])('remember refuses the kind %j', (kind, error) => {
    const owner = new ResourceOwner('x')
    owner.enlarge()
    expect(() => owner.remember('one', kind as never)).toThrow(error)
    owner.remember('one', good)
    owner.releaseAll({ commit: false })
  })

  test.each([
    ['a name that is no string', () => new ResourceOwner(1 as never), type],
    ['a parent that is none', () => new ResourceOwner('x', {} as never), type],
    ['no logger', () => new ResourceOwner('x', null, { logger: {} as never }), type],
    ['a new parent that is none', () => new ResourceOwner('x').newParent('y' as never), type],
    ['a release without options', () => new ResourceOwner('x').releaseAll(0 as never), type],
    ['no commit', () => new ResourceOwner('x').releaseAll({} as never), type],
    [
      'an unknown phase',
      () => new ResourceOwner('x').release({ phase: 'x' as never, commit: true, topLevel: true }),
      range,
    ],
    [
      'no topLevel',
      () => new ResourceOwner('x').release({ phase: 'locks', commit: true } as never),
      type,
    ],
  ])('%s is refused', (_, call, error) => {
    expect(call).toThrow(error)
  })
})
