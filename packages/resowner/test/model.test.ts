/** Random calls on a tree of owners beside a model that is nothing but arrays. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ReleasePhase, ResourceOwner } from '../src/index.js'
import { randomFrom, SEED } from './random.js'

const phases: ReleasePhase[] = ['before-locks', 'locks', 'after-locks']

/** The model of an owner: what it holds, oldest first, and its children, oldest first. */
interface Node {
  readonly owner: ResourceOwner
  readonly children: Node[]
  readonly held: { resource: number; kind: number }[]
  parent: Node | null
}

class Forest {
  readonly nodes: Node[] = []
  readonly released: number[] = []
  warnings = 0
  /** Resources whose release throws, once. */
  readonly bad = new Set<number>()
  readonly kinds = [3, 1, 2, 2, 5, 1].map((priority, index) => ({
    name: `kind ${index}`,
    phase: phases[index % 3]!,
    priority,
    release: (resource: number) => {
      if (this.bad.delete(resource)) throw new Error('bad')
      this.released.push(resource)
    },
  }))

  add(parent: Node | null): void {
    const logger = { warn: () => this.warnings++ }
    const owner = new ResourceOwner('node', parent?.owner ?? null, { logger })
    const node = { owner, children: [], held: [], parent }
    parent?.children.push(node)
    this.nodes.push(node)
  }

  remember(node: Node, resource: number, kind: number): void {
    node.owner.enlarge()
    node.owner.remember(resource, this.kinds[kind]!)
    node.held.push({ resource, kind })
  }

  forget(node: Node, index: number): void {
    const { resource, kind } = node.held[index]!
    node.owner.forget(resource, this.kinds[kind]!)
    const equal = node.held.filter(one => one.resource === resource && one.kind === kind)
    node.held.splice(node.held.lastIndexOf(equal.at(-1)!), 1)
  }

  move(node: Node, parent: Node | null): void {
    if (parent === node.parent) {
      node.owner.newParent(parent?.owner ?? null) // its place among its siblings stays
      return
    }
    for (let above = parent; above !== null; above = above.parent) {
      if (above !== node) continue
      expect(() => node.owner.newParent(parent!.owner)).toThrow()
      return
    }
    node.owner.newParent(parent?.owner ?? null)
    if (node.parent) node.parent.children.splice(node.parent.children.indexOf(node), 1)
    node.parent = parent
    parent?.children.push(node)
  }

  release(node: Node, commit: boolean): void {
    const expected: number[] = []
    const order = childrenFirst(node)
    let leaks = 0
    for (const phase of phases) {
      for (const one of order) {
        const isOf = ({ kind }: { kind: number }) => this.kinds[kind]!.phase === phase
        const due = one.held.filter(isOf)
        one.held.splice(0, Infinity, ...one.held.filter(held => !isOf(held)))
        if (phase === 'locks' && commit && node.parent !== null) {
          one.parent!.held.push(...due)
          continue
        }
        due.reverse().sort((a, b) => this.kinds[a.kind]!.priority - this.kinds[b.kind]!.priority)
        expected.push(...due.map(({ resource }) => resource))
        if (phase !== 'locks' && commit) leaks += due.length
      }
    }
    this.released.length = 0
    this.warnings = 0
    if (expected.some(resource => this.bad.has(resource))) {
      let throws = 0
      for (; ; throws++) {
        try {
          node.owner.releaseAll({ commit })
          break
        } catch {}
      }
      expect(throws).toBeGreaterThan(0)
      expect([...this.released].sort()).toEqual(expected.sort())
    } else {
      node.owner.releaseAll({ commit })
      expect(this.released).toEqual(expected)
    }
    expect(this.warnings).toBe(leaks)
  }

  verify(): void {
    for (const { owner, held, parent } of this.nodes) {
      if (owner.size !== held.length || owner.parent !== (parent?.owner ?? null)) {
        expect.fail(`holds ${owner.size} instead of ${held.length}, or has another parent`)
      }
    }
  }
}

function childrenFirst(node: Node): Node[] {
  return [...[...node.children].reverse().flatMap(childrenFirst), node]
}

/** One step chosen by `random`. */
function step(forest: Forest, random: (below: number) => number): void {
  const pick = () => forest.nodes[random(forest.nodes.length)]!
  const action = random(100)
  const node = pick()
  if (action < 2 && forest.nodes.length < 12) forest.add(random(4) === 0 ? null : node)
  else if (action < 5) forest.move(node, random(3) === 0 ? null : pick())
  else if (action < 8) forest.release(node, random(2) === 0)
  else if (action < 9) forest.bad.add(random(60))
  else if (action < 40 && node.held.length > 0) forest.forget(node, random(node.held.length))
  else forest.remember(node, random(60), random(6))
  forest.verify()
}

test(`100,000 random calls on a dozen owners agree with the model (SEED=${SEED})`, () => {
  const random = randomFrom(SEED)
  const forest = new Forest()
  forest.add(null)
  for (let call = 0; call < 100_000; call++) step(forest, random)
})

test(`any sequence of calls agrees with the model (SEED=${SEED})`, () => {
  const property = fc.property(fc.array(fc.nat(), { maxLength: 300, size: 'max' }), choices => {
    const forest = new Forest()
    forest.add(null)
    let at = 0
    const random = (below: number) => (choices[at++] ?? 0) % below
    while (at < choices.length) step(forest, random)
  })
  fc.assert(property, { numRuns: 300, seed: SEED })
})
