/**
 * Handles when chance plays against us: the system's generator is told what to give. Cases of the
 * specification in which one handle would stand for two things.
 */
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { segments } from '../src/inspect.js'
import { LocalGroup } from './local-group.js'

const chance = vi.hoisted(() => ({
  /** The next bits of each pool of handles, then real ones. */
  bits: [] as number[],
  /** Picks a control handle; null: the real generator does. */
  pick: null as ((from: number, below: number) => number) | null,
}))

vi.mock('node:crypto', async original => {
  const real = await original<typeof import('node:crypto')>()
  return {
    ...real,
    randomInt: (from: number, below: number) =>
      chance.pick?.(from, below) ?? real.randomInt(from, below),
    randomFillSync(words: Int32Array) {
      real.randomFillSync(words)
      if (words.length === 256) words.set(chance.bits) // a pool of handles, not use counts
      return words
    },
  }
})

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  chance.bits = []
  chance.pick = null
  stage.end()
  resetLocal()
})

const UNKNOWN = expect.objectContaining({ code: 'DSM_UNKNOWN_HANDLE' })

test('case 3: whatever the generator gives, 0 is no handle; 5 gives 10', () => {
  chance.pick = from => from
  const lowest = stage.open()
  expect(lowest.life.record.controlHandle).toBe(2)
  stage.leave(lowest)
  chance.pick = (_, below) => below - 1
  chance.bits = [0, 5]
  const { member, life } = stage.open()
  expect(life.record.controlHandle).toBe(2 ** 31 - 2)
  expect([member.create(1)!.handle, member.create(1)!.handle]).toEqual([2, 10])
})

/** The object is gone, and then the removal fails: the name is free while the slot is dying. */
const GONE_BUT_FAILING = {
  after: () => {
    throw new Error('removed, and yet failed')
  },
}

test('cases 56 and 81: a dying slot’s handle is never a live slot’s, which is found by its own', () => {
  chance.bits = [5, 5, 7]
  const group = stage.open()
  const dying = group.member.create(10)!
  stage.faults.at('destroy', 1, GONE_BUT_FAILING)
  group.member.detach(dying)
  const live = group.member.create(20)!
  expect([dying.handle, live.handle]).toEqual([10, 14])
  expect(segments(group.member).map(({ refcnt }) => refcnt)).toEqual([1, 2])
  const other = stage.open()
  expect(other.member.attach(dying.handle)).toBeNull()
  expect(other.member.attach(live.handle)).toMatchObject({ slot: 1, size: 20 })
  group.member.pin(live)
  expect(() => other.member.unpin(dying.handle)).toThrow(UNKNOWN)
  other.member.unpin(live.handle)
  expect(segments(other.member)).toMatchObject([{ refcnt: 1 }, { refcnt: 3, pinned: false }])
})

test('case 63: from the last detach until the slot is free its name is not drawn; then it is', () => {
  chance.bits = [5, 5]
  const one = stage.open()
  const first = one.member.create(10)!
  const two = stage.open()
  chance.bits = [5, 9, 5, 11, 5]
  const meanwhile: number[] = []
  const createThere = () => void meanwhile.push(two.member.create(10)!.handle)
  stage.faults.at('destroy', 1, { before: createThere }).at('destroy', 2, { after: createThere })
  one.member.detach(first)
  const second = one.member.create(10)!
  one.member.detach(second)
  expect([first.handle, second.handle]).toEqual([10, 10])
  expect(meanwhile).toEqual([18, 22])
  expect(two.member.create(10)!.handle).toBe(10)
})
