/** Order, leaks and transfer of a release: the cases 87 to 91 and what surrounds them. */
import { describe, expect, test } from 'vitest'
import { ResourceOwner } from '../src/index.js'
import { randomFrom, SEED, shuffled } from './random.js'
import { hold, recorder } from './recorder.js'

describe('leftovers', () => {
  test('case 87: what is left at commit is reported once, by its description, and released', () => {
    const { owner, kind, released, warnings } = recorder()
    const query = owner('query')
    hold(query, kind(), 'one')
    query.releaseAll({ commit: true })
    expect(released).toEqual(['one'])
    expect(warnings).toEqual([
      {
        message: 'segment <one> was still held by resource owner "query" at commit',
        fields: { owner: 'query', kind: 'segment', resource: '<one>' },
      },
    ])
  })

  test('case 87: without a logger it is a warning of the process', async () => {
    const { kind } = recorder()
    const query = new ResourceOwner('query')
    hold(query, kind(), 'one')
    const warned = new Promise<Error & { code?: string }>(resolve => {
      process.once('warning', resolve)
    })
    query.releaseAll({ commit: true })
    const warning = await warned
    expect([warning.name, warning.code]).toEqual(['ResourceLeakWarning', 'DSM_RESOURCE_LEAK'])
    expect(warning.message).toContain('<one>')
  })

  test('case 87: a child reports to the logger of the nearest owner that has one', () => {
    const { owner, kind, warnings } = recorder()
    const child = new ResourceOwner('child', new ResourceOwner('middle', owner('top')))
    hold(child, kind(), 'one')
    child.releaseAll({ commit: true })
    expect(warnings).toHaveLength(1)
  })

  test('case 88: what is left at abort is released in silence', () => {
    const { owner, kind, released, warnings } = recorder()
    const query = owner('query')
    hold(query, kind(), 'one', 'two')
    query.releaseAll({ commit: false })
    expect(released).toEqual(['two', 'one'])
    expect(warnings).toEqual([])
  })

  test('neither a logger nor a description that throws keeps a resource', () => {
    const { kind, released } = recorder()
    const fail = () => {
      throw new Error('no words')
    }
    const query = new ResourceOwner('query', null, { logger: { warn: fail } })
    hold(query, { ...kind(), describe: fail }, 'one')
    query.releaseAll({ commit: true })
    expect(released).toEqual(['one'])
  })

  test('locks are no leaks', () => {
    const { owner, kind, released, warnings } = recorder()
    const query = owner('query')
    hold(query, kind('locks'), 'lock')
    query.releaseAll({ commit: true })
    expect([released, warnings]).toEqual([['lock'], []])
  })
})

describe('order', () => {
  test('case 89: the child’s are released before the parent’s', () => {
    const { owner, kind, released } = recorder()
    const parent = owner('parent')
    hold(parent, kind(), 'parent 1')
    hold(owner('child', parent), kind(), 'child')
    hold(parent, kind(), 'parent 2')
    parent.releaseAll({ commit: false })
    expect(released).toEqual(['child', 'parent 2', 'parent 1'])
  })

  test('case 89: a whole tree, newest child first, each with its own children first', () => {
    const { owner, kind, released } = recorder()
    const top = owner('top')
    const [a, b] = [owner('a', top), owner('b', top)]
    for (const [parent, names] of [
      [a, ['a1', 'a2']],
      [b, ['b1', 'b2']],
    ] as const) {
      for (const name of names) hold(owner(name, parent), kind(), name)
    }
    hold(top, kind(), 'top')
    hold(a, kind(), 'a')
    hold(b, kind(), 'b')
    top.releaseAll({ commit: false })
    expect(released).toEqual(['b2', 'b1', 'b', 'a2', 'a1', 'a', 'top'])
  })

  test('case 90: a committed child releases its own; nothing moves to the parent', () => {
    const { owner, kind, released } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    hold(child, kind(), 'segment')
    child.releaseAll({ commit: true })
    expect(released).toEqual(['segment'])
    expect([child.size, parent.size]).toEqual([0, 0])
  })

  test('case 90: only its locks do, and the parent releases them at its end', () => {
    const { owner, kind, released, warnings } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    const locks = kind('locks')
    hold(parent, locks, 'first')
    hold(child, locks, 'second', 'third')
    child.releaseAll({ commit: true })
    child.delete()
    expect([released, parent.size]).toEqual([[], 3])
    parent.releaseAll({ commit: true })
    expect([released, warnings]).toEqual([['third', 'second', 'first'], []])
  })

  test('an aborted child, or the end of the whole work, releases locks where they are', () => {
    const { owner, kind, released } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    hold(child, kind('locks'), 'aborted')
    child.releaseAll({ commit: false })
    hold(child, kind('locks'), 'ended')
    child.release({ phase: 'locks', commit: true, topLevel: true })
    expect([released, parent.size]).toEqual([['aborted', 'ended'], 0])
  })

  test('each phase goes over the whole tree before the next begins', () => {
    const { owner, kind, released } = recorder()
    const parent = owner('parent')
    const child = owner('child', parent)
    for (const phase of ['after-locks', 'locks', 'before-locks'] as const) {
      hold(parent, kind(phase), `parent ${phase}`)
      hold(child, kind(phase), `child ${phase}`)
    }
    parent.releaseAll({ commit: false })
    expect(released).toEqual([
      'child before-locks',
      'parent before-locks',
      'child locks',
      'parent locks',
      'child after-locks',
      'parent after-locks',
    ])
  })

  test('within an owner and phase the lower priority is first, then the newer', () => {
    const { owner, kind, released } = recorder()
    const query = owner('query')
    const [early, late] = [kind('before-locks', 100), kind('before-locks', 400)]
    hold(query, late, 'late 1', 'late 2')
    hold(query, early, 'early 1')
    hold(query, late, 'late 3')
    hold(query, early, 'early 2')
    query.release({ phase: 'before-locks', commit: false, topLevel: true })
    expect(released).toEqual(['early 2', 'early 1', 'late 3', 'late 2', 'late 1'])
  })

  test('a tree of 100,000 owners in one line, and one of 200,000 children, can be released', () => {
    const { kind, released } = recorder()
    const top = new ResourceOwner('top')
    let lowest = top
    for (let depth = 0; depth < 100_000; depth++) lowest = new ResourceOwner('deeper', lowest)
    for (let child = 0; child < 200_000; child++) new ResourceOwner('child', top)
    hold(lowest, kind(), 'lowest')
    hold(top, kind(), 'top')
    top.releaseAll({ commit: false })
    expect(released).toEqual(['lowest', 'top'])
    top.delete()
  })
})

describe('many', () => {
  test(`case 91: 100 segments under one owner are forgotten in any order (SEED=${SEED})`, () => {
    const { owner, kind, released } = recorder()
    const query = owner('query')
    const segment = kind()
    const names = Array.from({ length: 100 }, (_, index) => `segment ${index}`)
    hold(query, segment, ...names)
    const order = shuffled(names, randomFrom(SEED))
    for (const name of order.slice(0, 60)) query.forget(name, segment)
    expect(query.size).toBe(40)
    query.releaseAll({ commit: false })
    const left = new Set(order.slice(60))
    expect(released).toEqual(names.filter(name => left.has(name)).reverse())
    expect(query.size).toBe(0)
  })

  const orders: [string, (resources: object[]) => object[]][] = [
    ['newest first', resources => [...resources].reverse()],
    ['oldest first', resources => resources],
    ['in random order', resources => shuffled(resources, randomFrom(SEED))],
  ]
  test.each(orders)(`100,000 can be forgotten %s (SEED=${SEED})`, (_, order) => {
    const resources = Array.from({ length: 100_000 }, (_, index) => ({ index }))
    const kind = { name: 'x', phase: 'before-locks', priority: 1, release() {} } as const
    const owner = new ResourceOwner('many')
    for (const resource of resources) {
      owner.enlarge()
      owner.remember(resource, kind)
    }
    expect(owner.size).toBe(100_000)
    for (const resource of order(resources)) owner.forget(resource, kind)
    expect(owner.size).toBe(0)
  })

  test.each([
    ['different', (index: number) => `segment ${index}`],
    ['equal', () => 'the same'],
  ])('100,000 %s ones are released newest first', (_, name) => {
    const { owner, kind, released } = recorder()
    const query = owner('query')
    const names = Array.from({ length: 100_000 }, (_, index) => name(index))
    const segment = kind()
    for (const resource of names) hold(query, segment, resource)
    query.releaseAll({ commit: false })
    expect(released.join()).toBe(names.reverse().join())
  })
})
