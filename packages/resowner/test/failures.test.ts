/** Callbacks that throw, and calls made while a release is going on: case 92. */
import { describe, expect, test } from 'vitest'
import { hold, recorder } from './recorder.js'

const wrongState = expect.objectContaining({ code: 'ERR_INVALID_STATE' })

describe('a release callback that throws', () => {
  /** Owner with five segments; those of the set throw as long as they are in it. */
  function failing(...names: string[]) {
    const record = recorder()
    const bad = new Set(names)
    const kind = record.kind('before-locks', 400, resource => {
      if (bad.has(resource)) throw new Error(`cannot release ${resource}`)
    })
    const query = record.owner('query')
    hold(query, kind, 'one', 'two', 'three', 'four', 'five')
    return { ...record, bad, segment: kind, query }
  }

  test('its error passes through, its resource stays, and the next release does the rest', () => {
    const { query, bad, released } = failing('three')
    expect(() => query.releaseAll({ commit: false })).toThrow('cannot release three')
    expect(released).toEqual(['five', 'four'])
    expect(query.size).toBe(3)
    bad.clear()
    query.releaseAll({ commit: false })
    expect(released).toEqual(['five', 'four', 'two', 'one', 'three'])
    expect(query.size).toBe(0)
  })

  test('one that never succeeds is tried last, and keeps nothing else', () => {
    const { query, released } = failing('five', 'two')
    expect(() => query.releaseAll({ commit: false })).toThrow('cannot release five')
    expect(() => query.releaseAll({ commit: false })).toThrow('cannot release two')
    expect(() => query.releaseAll({ commit: false })).toThrow('cannot release five')
    expect(released).toEqual(['four', 'three', 'one'])
    expect(() => query.releaseAll({ commit: false })).toThrow('cannot release two')
    expect(query.size).toBe(2)
  })

  test('it delays neither the parent’s nor the later phases’ for more than one release', () => {
    const { query, owner, released, kind } = failing('one')
    const top = owner('top')
    query.newParent(top)
    hold(top, kind('after-locks'), 'top')
    const release = () => top.releaseAll({ commit: false })
    expect(release).toThrow('cannot release one')
    expect(released).toEqual(['five', 'four', 'three', 'two'])
    expect(release).toThrow('cannot release one')
    expect(released.at(-1)).toBe('top')
  })

  test('it is reported once, however many releases it takes', () => {
    const { query, bad, warnings } = failing('five')
    expect(() => query.releaseAll({ commit: true })).toThrow()
    expect(() => query.releaseAll({ commit: true })).toThrow()
    bad.clear()
    query.releaseAll({ commit: true })
    expect(warnings).toHaveLength(5)
  })

  test('until it succeeds the resource may be forgotten, but nothing new be held', () => {
    const { query, segment } = failing('three')
    expect(() => query.releaseAll({ commit: false })).toThrow()
    expect(() => query.enlarge()).toThrow(wrongState)
    query.forget('three', segment)
    query.releaseAll({ commit: false })
    query.enlarge()
    query.delete()
  })

  test('an owner that could not be emptied cannot be disposed of, and stays whole', () => {
    const { query, bad } = failing('three')
    expect(() => query[Symbol.dispose]()).toThrow('cannot release three')
    expect(() => query.delete()).toThrow(wrongState)
    bad.clear()
    query[Symbol.dispose]()
    query[Symbol.dispose]()
    expect(() => query.run(() => {})).toThrow(wrongState)
  })
})

describe('during a release', () => {
  test('case 92: neither enlarge nor forget is possible between the phases', () => {
    const { owner, kind } = recorder()
    const query = owner('query')
    hold(query, kind('after-locks'), 'one')
    const segment = kind('after-locks')
    query.release({ phase: 'before-locks', commit: false, topLevel: true })
    expect(() => query.enlarge()).toThrow(wrongState)
    expect(() => query.forget('one', segment)).toThrow(wrongState)
    query.release({ phase: 'locks', commit: false, topLevel: true })
    expect(() => query.enlarge()).toThrow(wrongState)
    query.release({ phase: 'after-locks', commit: false, topLevel: true })
    query.enlarge()
  })

  test('case 92: a callback can forget its own resource, and no other of the tree', () => {
    const { owner, kind, released } = recorder()
    const parent = owner('parent')
    const query = owner('query', parent)
    const errors: unknown[] = []
    const attempt = (call: () => void) => {
      try {
        call()
      } catch (error) {
        errors.push(error)
      }
    }
    const segment = kind('before-locks', 400, resource => {
      attempt(() => query.forget(resource === 'one' ? 'two' : 'one', segment))
      attempt(() => parent.forget('top', segment))
      attempt(() => query.enlarge())
      query.forget(resource, segment)
    })
    hold(query, segment, 'one', 'two')
    parent.releaseAll({ commit: false })
    expect(errors).toEqual(Array(6).fill(wrongState))
    expect(released).toEqual(['two', 'one'])
    expect(query.size).toBe(0)
  })

  test('one that forgot itself and then threw is gone', () => {
    const { owner, kind } = recorder()
    const query = owner('query')
    const segment = kind('before-locks', 400, resource => {
      query.forget(resource, segment)
      throw new Error('afterwards')
    })
    hold(query, segment, 'one')
    expect(() => query.releaseAll({ commit: false })).toThrow('afterwards')
    expect(query.size).toBe(0)
    query.delete()
  })

  test('a callback can use an owner outside of the tree', () => {
    const { owner, kind } = recorder()
    const other = owner('other')
    const segment = kind()
    const query = owner('query')
    hold(
      query,
      kind('before-locks', 1, () => hold(other, segment, 'moved')),
      'one',
    )
    query.releaseAll({ commit: false })
    expect(other.size).toBe(1)
  })

  test('a release inside a callback does the rest; nothing is released twice', () => {
    const { owner, kind, released } = recorder()
    const query = owner('query')
    const segment = kind('before-locks', 400, resource => {
      if (resource === 'three') query.releaseAll({ commit: false })
    })
    hold(query, segment, 'one', 'two', 'three')
    query.releaseAll({ commit: false })
    expect(released).toEqual(['two', 'one', 'three'])
    expect(query.size).toBe(0)
  })
})
