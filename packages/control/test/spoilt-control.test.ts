/** Joining and looking at a life whose control segment somebody spoilt: answers or typed errors. */
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segments, stats } from '../src/inspect.js'
import { EXTRA, SLOT } from '../src/layout.js'
import { LocalGroup } from './local-group.js'

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  stage.end()
  resetLocal()
})

describe('the slot of the main region names what cannot be one', () => {
  test.each([
    ['no handle', 'slot', SLOT.handle, 0],
    ['an odd handle', 'slot', SLOT.handle, 5],
    ['no size', 'extra', EXTRA.size, 0],
    ['a size beyond the limit', 'extra', EXTRA.size + 1, 2],
    ['a negative size', 'extra', EXTRA.size + 1, -1],
  ] as const)('%s: joining throws DSM_CORRUPT', (_what, part, field, value) => {
    const { control } = stage.open({ mainRegionSize: 64 * 1024 }).life
    const at = control[part](0) + field
    const sound = control.words[at]!
    control.words[at] = value
    if (field === EXTRA.size && part === 'extra') control.words[at + 1] = 0
    expect(() => stage.open()).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
    control.words[at] = sound
    expect(stage.open().member.region).not.toBeNull()
  })
})

test('a slot in use without a handle is shown without a name of the system', () => {
  const { life, member } = stage.open()
  const { slot, handle } = member.create(64)!
  const at = life.control.slot(slot) + SLOT.handle
  life.control.words[at] = 0
  expect(segments(member)).toMatchObject([{ handle: 0, osName: null }])
  life.control.words[at] = handle | 0
})

describe('slots that name impossible pages of the main region', () => {
  const spoil = (value: number, also = value) => {
    const group = stage.open({ mainRegionSize: 64 * 1024 })
    const { life, member } = group
    const [one, two] = [member.create(5000)!, member.create(100)!]
    const { words } = life.control
    const [at, other] = [life.control.slot(one.slot), life.control.slot(two.slot)]
    words[at + SLOT.firstPage] = value
    words[other + SLOT.firstPage] = also
    return { group, one, two }
  }

  test.each([0, -1, 16, 0x7fff_ffff])('page %i: freeing the slot leaves it for the tree', value => {
    const { group, one, two } = spoil(value, 1)
    group.member.detach(one)
    group.member.detach(two)
    expect(group.member.region!.usage()).toEqual({ total: 15, free: 15, largest: 15 })
  })

  test('two name the same: counts are DSM_CORRUPT, and a newcomer is given no page of them', () => {
    spoil(3)
    const newcomer = stage.open()
    expect(() => stats(newcomer.member)).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
    expect(newcomer.member.create(100)!.handle % 2).toBe(0)
  })

  test('the memory of such a segment is DSM_CORRUPT', () => {
    const { one } = spoil(0x7fff_ffff)
    expect(() => one.mapping.buffer).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
  })
})

test('a slot that says it is carved, in a group without a main region, is an object to remove', () => {
  const { life, member } = stage.open()
  const attachment = member.create(64)!
  const at = life.control.slot(attachment.slot) + SLOT.handle
  const sound = life.control.words[at]!
  life.control.words[at] = sound | 1
  expect(() => member.detach(attachment)).not.toThrow()
  life.control.words[at] = sound
})
