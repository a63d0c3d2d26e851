/** Joining and looking at a life whose control segment somebody spoilt: answers or typed errors. */
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segments } from '../src/inspect.js'
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
