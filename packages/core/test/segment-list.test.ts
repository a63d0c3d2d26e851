/** The list of a member's segments: against a model, and after a cut at any of its stores. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Listed, SegmentList } from '../src/segment-list.js'

/** Its links can be told to stop everything before the n-th store, as a `vm` timeout may. */
class Node implements Listed<Node> {
  static storesLeft = Number.POSITIVE_INFINITY
  detached = false
  #newer: Node | null = null
  #older: Node | null = null
  constructor(readonly handle: number) {}

  get newer(): Node | null {
    return this.#newer
  }
  set newer(node: Node | null) {
    Node.count()
    this.#newer = node
  }
  get older(): Node | null {
    return this.#older
  }
  set older(node: Node | null) {
    Node.count()
    this.#older = node
  }

  static count(): void {
    if (--Node.storesLeft < 0) throw new Error('cut')
  }
}

function cutAt<T>(stores: number, work: () => T): void {
  Node.storesLeft = stores
  try {
    work()
  } catch (error) {
    if ((error as Error).message !== 'cut') throw error
  } finally {
    Node.storesLeft = Number.POSITIVE_INFINITY
  }
}

interface Step {
  readonly remove: number | null
  readonly cut: number
  readonly look: boolean
}

const step = fc.record<Step>({
  remove: fc.option(fc.nat(20)),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(99) }, fc.nat(4)),
  look: fc.boolean(),
})

test('a segment that is attached is in it, newest first, and one that is not is not', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`segment list: SEED=${seed}`)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const list = new SegmentList<Node>()
      const listed: Node[] = []
      let handles = 0
      for (const { remove, cut, look } of steps) {
        const victim = remove === null ? undefined : listed[remove % (listed.length + 1)]
        if (victim === undefined) {
          const node = new Node(++handles)
          list.add(node)
          listed.unshift(node)
        } else {
          victim.detached = true
          cutAt(cut, () => list.remove(victim))
          listed.splice(listed.indexOf(victim), 1)
          expect(list.find(victim.handle)).toBe(null)
        }
        if (look) cutAt(cut, () => list.newestFirst())
      }
      expect(list.newestFirst()).toEqual(listed)
      for (const node of listed) expect(list.find(node.handle)).toBe(node)
    }),
    { seed },
  )
})

test('a segment whose adding was cut spoils nothing for the others', () => {
  for (let cut = 0; cut < 3; cut++) {
    const list = new SegmentList<Node>()
    const [one, two, three] = [new Node(1), new Node(2), new Node(3)]
    list.add(one)
    cutAt(cut, () => list.add(two))
    list.add(three)
    one.detached = true
    list.remove(one)
    expect(list.newestFirst().filter(node => node !== two)).toEqual([three])
  }
})

test('a segment that was in the list when its adding was cut is found by its handle', () => {
  const list = new SegmentList<Node>()
  list.add(new Node(1))
  expect(list.find(2)).toBeNull() // from here on there is a map
  let cuts = 1
  const second = Object.defineProperty(new Node(2), 'handle', {
    get: () => {
      if (cuts-- > 0) throw new Error('cut')
      return 2
    },
  })
  expect(() => list.add(second)).toThrow('cut')
  expect(list.newestFirst()).toContain(second)
  expect(list.find(2)).toBe(second)
})
