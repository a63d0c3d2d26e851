/**
 * Random operations of two members against a model: after each step `segments()` is what the model
 * says, whoever looks. SEED repeats a run; fast-check prints the seed and the shortest sequence
 * that fails.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Dsm, Segment } from '../src/index.js'
import { code, usePlace } from './support/place.js'

const place = usePlace()
const seed = Number(process.env.SEED ?? Date.now() % 0x7fff_ffff)
const MAX_SEGMENTS = 4

type Step =
  | { readonly do: 'create'; readonly who: 0 | 1; readonly size: number }
  | { readonly do: 'attach' | 'detach'; readonly who: 0 | 1; readonly which: number }
  | { readonly do: 'detachAll' | 'close' | 'reopen'; readonly who: 0 | 1 }

const who = fc.constantFrom(0 as const, 1 as const)
const which = fc.nat(7)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('create'),
      who,
      size: fc.integer({ min: 1, max: 9_000 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('attach', 'detach'), who, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('detachAll', 'close', 'reopen'), who }) },
) as fc.Arbitrary<Step>

/** What the model knows of a segment: who holds it, and its first byte. */
interface Modelled {
  readonly size: number
  readonly holders: Set<0 | 1>
  readonly mark: number
}

class World {
  readonly #model = new Map<number, Modelled>()
  readonly #members: (Dsm | null)[] = [null, null]
  readonly #handles: number[] = [] // every handle there ever was
  #marks = 0

  run(todo: Step): void {
    const dsm = this.#members[todo.who]
    if (todo.do === 'reopen') this.#reopen(todo.who)
    else if (dsm) this.#operate(dsm, todo)
    this.#agree()
  }

  end(): void {
    for (const dsm of this.#members) dsm?.close()
    expect(place.left()).toEqual([])
  }

  #reopen(member: 0 | 1): void {
    this.#members[member] ??= place.open('posix', { maxMembers: 2, maxSegments: MAX_SEGMENTS })
  }

  #operate(dsm: Dsm, todo: Step): void {
    if (todo.do === 'create') this.#create(dsm, todo.who, todo.size)
    else if (todo.do === 'attach' || todo.do === 'detach') this.#byHandle(dsm, todo)
    else {
      if (todo.do === 'close') this.#members[todo.who] = null
      todo.do === 'close' ? dsm.close() : dsm.detachAll()
      for (const handle of [...this.#model.keys()]) this.#letGo(handle, todo.who)
    }
  }

  #create(dsm: Dsm, member: 0 | 1, size: number): void {
    const full = this.#model.size === MAX_SEGMENTS
    const segment = dsm.create(size, { nullIfMaxSegments: true })
    expect(segment === null).toBe(full)
    if (segment === null) return
    expect(segment.bytes.findIndex(byte => byte !== 0)).toBe(-1)
    const mark = ++this.#marks & 0xff
    segment.bytes[0] = mark
    expect(this.#model.has(segment.handle)).toBe(false)
    this.#model.set(segment.handle, { size, holders: new Set([member]), mark })
    this.#handles.push(segment.handle)
  }

  #byHandle(dsm: Dsm, todo: Step & { which: number }): void {
    const handle = this.#handles.at(-1 - todo.which)
    if (handle === undefined) return
    const known = this.#model.get(handle)
    if (todo.do === 'detach') {
      dsm.findMapping(handle)?.detach()
      this.#letGo(handle, todo.who)
    } else if (known?.holders.has(todo.who)) {
      expect(() => dsm.attach(handle)).toThrow(code('DSM_ALREADY_ATTACHED'))
    } else {
      const segment: Segment | null = dsm.attach(handle)
      expect(segment?.size).toBe(known?.size)
      known?.holders.add(todo.who)
    }
  }

  #letGo(handle: number, member: 0 | 1): void {
    const known = this.#model.get(handle)
    known?.holders.delete(member)
    if (known?.holders.size === 0) this.#model.delete(handle)
  }

  #agree(): void {
    const said = [...this.#model].map(([handle, { size, holders }]) => [handle, size, holders.size])
    for (const [member, dsm] of this.#members.entries()) {
      if (!dsm) continue
      const seen = dsm.segments().map(({ handle, size, refcnt }) => [handle, size, refcnt - 1])
      expect(seen.sort()).toEqual(said.sort())
      for (const [handle, { holders, mark }] of this.#model) {
        const mine = dsm.findMapping(handle)
        expect(mine !== null).toBe(holders.has(member as 0 | 1))
        if (mine) expect(mine.bytes[0]).toBe(mark)
      }
    }
  }
}

test(`two members agree with the model after every random step (SEED=${seed})`, () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 60 })
  const property = fc.property(steps, sequence => {
    const world = new World()
    try {
      for (const member of [0, 1] as const) world.run({ do: 'reopen', who: member })
      for (const todo of sequence) world.run(todo)
    } finally {
      world.end()
    }
  })
  fc.assert(property, { seed, numRuns: 150 })
})
