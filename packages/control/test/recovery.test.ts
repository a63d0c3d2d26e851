/**
 * recover(): from any state that deaths can leave, and from any store at which it was itself cut.
 * Members are open files of this process; a dead one is an entry that says `live` and holds no
 * byte.
 */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { ControlSegment } from '../src/control-segment.js'
import { B, EXTRA, MEMBER, SLOT } from '../src/layout.js'
import { ownerCreating, ownerDying } from '../src/owner-word.js'
import { Recovery } from '../src/recovery.js'
import { countReferences, holds, setReference } from '../src/references.js'
import { setStoreTrap } from '../src/shared-words.js'
import { findSlot, takeFreeSlot } from '../src/slot-index.js'
import { plainControl, TestMembers } from './plain-control.js'
import { seedFor } from './seed.js'

const MEMBERS = 5
const SLOTS = 8
const SELF = 0

interface SlotPlan {
  readonly state: 'free' | 'live' | 'creating' | 'dying'
  readonly owner: number
  readonly references: readonly number[]
  readonly pinned: boolean
  readonly countError: number
}

const plan = fc.record<SlotPlan>({
  state: fc.constantFrom('free', 'live', 'creating', 'dying'),
  owner: fc.integer({ min: 0, max: MEMBERS - 1 }),
  references: fc.uniqueArray(fc.integer({ min: 0, max: MEMBERS - 1 })),
  pinned: fc.boolean(),
  countError: fc.integer({ min: 0, max: 1 }),
})
const scene = fc.record({
  dead: fc.uniqueArray(fc.integer({ min: 1, max: MEMBERS - 1 })),
  slots: fc.array(plan, { minLength: SLOTS, maxLength: SLOTS }),
})
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

let stage: TestMembers | null = null
afterEach(() => {
  setStoreTrap(null)
  stage?.end()
  stage = null
})

interface Built {
  readonly control: ControlSegment
  readonly recovery: Recovery
  /** A recovery that another one begins: after a death it is never the same. */
  readonly successor: () => Recovery
}

function build({ dead, slots }: Scene): Built {
  stage?.end()
  const control = plainControl({ maxSegments: SLOTS, maxMembers: MEMBERS })
  stage = new TestMembers(control)
  const members = Array.from({ length: MEMBERS }, (_, member) =>
    stage!.add(member, 7 + member, !dead.includes(member)),
  )
  for (const [index, slot] of slots.entries()) {
    lay(control, index, slot, members[slot.owner]!.token)
  }
  const self = members[SELF]!
  const successor = (): Recovery => new Recovery(control, self.file, self.token)
  return { control, recovery: successor(), successor }
}

/** Writes a slot as deaths at any store can have left it: counts off by one, stale indexes. */
function lay(control: ControlSegment, slot: number, planned: SlotPlan, token: number): void {
  const { words } = control
  const at = control.slot(slot)
  if (planned.state === 'free') return
  words[at + SLOT.handle] = (slot + 1) * 2
  for (const member of planned.references) setReference(control, slot, member)
  if (planned.state === 'live') {
    words[at + SLOT.pinned] = planned.pinned ? 1 : 0
    const kept = planned.references.length + (planned.pinned ? 1 : 0)
    words[at + SLOT.refcnt] = Math.max(2, 1 + kept - planned.countError)
    return
  }
  const dying = planned.state === 'dying'
  words[control.extra(slot) + EXTRA.owner] = dying ? ownerDying(token) : ownerCreating(token)
  words[at + SLOT.refcnt] = 1
}

/** What must hold after recovery (invariants I3 and I4). */
function expectRecovered(control: ControlSegment, planned: Scene): void {
  const { words } = control
  for (const [slot, slotPlan] of planned.slots.entries()) {
    for (const member of planned.dead) expect(holds(control, slot, member)).toBe(false)
    expectSettled(control, slot, slotPlan, planned.dead)
  }
  for (const member of planned.dead) {
    expect(words[control.member(member) + MEMBER.live]).toBe(0)
  }
  expect(words[control.header(B.recoveryStep)]).toBe(0)
  expectFreeListComplete(control)
}

const tokenOf = (member: number): number => ((7 + member) << 10) | (member + 1)

function expectSettled(
  control: ControlSegment,
  slot: number,
  { state, owner, references, pinned }: SlotPlan,
  dead: readonly number[],
): void {
  const refcnt = control.words[control.slot(slot) + SLOT.refcnt]!
  const ownerWord = control.words[control.extra(slot) + EXTRA.owner]!
  if (state === 'free') {
    expect(refcnt).toBe(0)
    return
  }
  expect(findSlot(control, (slot + 1) * 2)).toBe(slot)
  if (state === 'live') {
    const kept = references.filter(member => !dead.includes(member)).length
    const count = kept + (pinned ? 1 : 0)
    expect(countReferences(control, slot)).toBe(kept)
    expect(refcnt).toBe(count + 1)
    expect(ownerWord).toBe(count === 0 ? ownerDying(tokenOf(SELF)) : 0)
    return
  }
  const theirs = state === 'dying' ? ownerDying(tokenOf(owner)) : ownerCreating(tokenOf(owner))
  expect(refcnt).toBe(1)
  expect(ownerWord).toBe(dead.includes(owner) ? ownerDying(tokenOf(SELF)) : theirs)
}

function expectFreeListComplete(control: ControlSegment): void {
  const spare = control.privateCopy()
  spare.words.set(control.words)
  const found = new Set<number>()
  for (let slot = takeFreeSlot(spare); slot >= 0; slot = takeFreeSlot(spare)) found.add(slot)
  for (let slot = 0; slot < SLOTS; slot++) {
    expect(found.has(slot)).toBe(control.words[control.slot(slot) + SLOT.refcnt] === 0)
  }
}

/** What recovery may count differently when it runs twice. */
function withoutCounters(control: ControlSegment): Int32Array {
  const image = control.words.slice()
  image.fill(0, control.header(B.counters), control.header(B.words))
  image[control.header(B.recoveryAttempts)] = 0
  image[control.header(B.deathCount)] = 0
  image.fill(0, control.geometry.deaths)
  for (let slot = 0; slot < SLOTS; slot++) {
    image[control.extra(slot) + EXTRA.abandoned] = 0
    image[control.extra(slot) + EXTRA.useCount] = 0 // starts at random
  }
  return image
}

describe('recover()', () => {
  test('subtracts exactly the dead, adopts their half-done slots, leaves the living theirs', () => {
    fc.assert(
      fc.property(scene, planned => {
        const { control, recovery } = build(planned)
        expect(recovery.run()).toBe(true)
        expectRecovered(control, planned)
      }),
      { seed: seedFor('recovery'), numRuns: 300 },
    )
  })

  test('twice is as once', () => {
    fc.assert(
      fc.property(scene, planned => {
        const { control, recovery } = build(planned)
        recovery.run()
        const once = withoutCounters(control)
        recovery.run()
        expect(withoutCounters(control)).toEqual(once)
      }),
      { seed: seedFor('recovery twice'), numRuns: 100 },
    )
  })

  test('cut at any of its stores, the next one ends where an uncut one does', () => {
    fc.assert(
      fc.property(scene, planned => {
        const whole = build(planned)
        let stores = 0
        setStoreTrap(() => stores++)
        whole.recovery.run()
        setStoreTrap(null)
        const expected = withoutCounters(whole.control)
        for (let cut = 0; cut < stores; cut++) {
          const { control, recovery } = build(planned)
          let left = cut
          setStoreTrap(() => {
            if (left-- === 0) throw new Error('cut')
          })
          expect(() => recovery.run()).toThrow('cut')
          setStoreTrap(null)
          expect(recovery.run()).toBe(true)
          expectRecovered(control, planned)
          expect(withoutCounters(control)).toEqual(expected)
        }
      }),
      { seed: seedFor('recovery cut'), numRuns: 12 },
    )
  })

  test('counts at least one abandoned reference for each death, and none for the living', () => {
    const live = { state: 'live', owner: 0, pinned: false, countError: 0 } as const
    const slots = Array.from({ length: SLOTS }, () => ({ ...live, references: [0, 1, 2] }))
    const { control, recovery } = build({ dead: [1, 2], slots })
    recovery.run()
    for (let slot = 0; slot < SLOTS; slot++) {
      expect(control.words[control.extra(slot) + EXTRA.abandoned]).toBe(2)
    }
  })

  test('a newcomer in a dead member’s entry does not hide the death', () => {
    const { control, recovery } = build({
      dead: [],
      slots: [{ state: 'creating', owner: 3, references: [], pinned: false, countError: 0 }],
    })
    control.words[control.member(3) + MEMBER.generation] = 11 // another incarnation has moved in
    stage!.add(3, 11, true)
    recovery.run()
    expect(control.words[control.extra(0) + EXTRA.owner]).toBe(ownerDying(tokenOf(SELF)))
  })

  test('a half-made slot of a member that died before it was live is adopted too', () => {
    const { control, recovery } = build({
      dead: [2],
      slots: [{ state: 'dying', owner: 2, references: [], pinned: false, countError: 0 }],
    })
    control.words[control.member(2) + MEMBER.live] = 0
    recovery.run()
    expect(control.words[control.extra(0) + EXTRA.owner]).toBe(ownerDying(tokenOf(SELF)))
  })

  test('poisons the life when the same step has ended eight recoveries', () => {
    const { control, recovery, successor } = build({ dead: [1], slots: [] })
    const bury = control.member(1) + MEMBER.live
    for (let death = 1; death <= 8; death++) {
      setStoreTrap(index => {
        if (index === bury) throw new Error('killed')
      })
      expect(() => successor().run(), `death ${death}`).toThrow('killed')
    }
    setStoreTrap(null)
    expect(recovery.run()).toBe(false)
    expect(control.words[control.header(B.poisoned)]).toBe(1)
    expect(recovery.run()).toBe(false)
  })

  test('one that is cut while its member lives is no death, however often', () => {
    const { control, recovery, successor } = build({ dead: [1], slots: [] })
    const bury = control.member(1) + MEMBER.live
    setStoreTrap(index => {
      if (index === bury) throw new Error('cut')
    })
    expect(() => successor().run()).toThrow('cut')
    for (let cut = 0; cut < 20; cut++) expect(() => recovery.run()).toThrow('cut')
    setStoreTrap(null)
    expect(recovery.run()).toBe(true)
    expect(control.words[bury]).toBe(0)
  })

  test('seven deaths at a step, then one that goes through, start the count again', () => {
    const { control, recovery, successor } = build({ dead: [1], slots: [] })
    const bury = control.member(1) + MEMBER.live
    for (let round = 0; round < 3; round++) {
      control.words[bury] = 1
      setStoreTrap(index => {
        if (index === bury) throw new Error('killed')
      })
      for (let death = 0; death < 7; death++) expect(() => successor().run()).toThrow('killed')
      setStoreTrap(null)
      expect(recovery.run()).toBe(true)
    }
  })

  test('poisons a life whose slots say what no store of ours says', () => {
    const nonsense: [field: number, value: number][] = [
      [SLOT.refcnt, -1],
      [SLOT.refcnt, MEMBERS + 3],
      [SLOT.handle, 0],
      [SLOT.pinned, 2],
    ]
    for (const [field, value] of nonsense) {
      const live = {
        state: 'live',
        owner: 0,
        references: [0],
        pinned: false,
        countError: 0,
      } as const
      const { control, recovery } = build({ dead: [], slots: [live] })
      control.words[control.slot(0) + field] = value
      expect(recovery.run(), `field ${field}`).toBe(false)
      expect(control.words[control.header(B.poisoned)]).toBe(1)
    }
  })
})
