/** Cleaning by a copy of a dead control segment, and by one that is none. */
import { placeObject, resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanControlSegment } from '../src/clean-control-segment.js'
import { SLOT } from '../src/layout.js'
import type { OpenedGroup } from '../src/open-group.js'
import { LocalGroup } from './local-group.js'

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  stage.end()
  resetLocal()
})

const warnings: string[] = []
const logger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void warnings.push(message),
  error: () => {},
}
beforeEach(() => void warnings.splice(0))

/** A group that died with segments: its copy, and a namespace to clean with. */
function deadGroup(segments: number, mainRegionSize = 0) {
  const group = stage.open({ mainRegionSize })
  const made = Array.from({ length: segments }, () => group.member.create(64)!)
  const { control, namespace, record } = group.life
  const copy = Uint8Array.from(new Uint8Array(control.words.buffer))
  const clean = (bytes: Uint8Array = copy) =>
    cleanControlSegment(bytes, record.controlHandle, cleaner(group), logger)
  const handles = made.map(({ handle }) => handle)
  return { group, made, handles, copy, clean, namespace, control: record.controlHandle }
}

const cleaner = ({ life, impl }: OpenedGroup) => impl.open(life.namespace.scope)
const slotWord = (bytes: Uint8Array, slot: number, field: number): DataView =>
  new DataView(bytes.buffer, 16 + 40 * slot + 4 * field)

describe('cleanControlSegment', () => {
  test('removes what every used slot names, the control segment last, and tells', () => {
    const { group, handles, copy, clean, control } = deadGroup(3)
    slotWord(copy, 1, SLOT.refcnt).setUint32(0, 1, true) // half-made or half-removed
    stage.die(group)
    expect(stage.objects).toHaveLength(4)
    expect(clean()).toEqual({ sane: true, removed: [...handles, control], left: [] })
    expect(stage.objects).toEqual([])
    expect(warnings).toEqual([])
  })

  test('again, everything counts as removed', () => {
    const { group, handles, clean, control } = deadGroup(2)
    stage.die(group)
    clean()
    expect(clean()).toEqual({ sane: true, removed: [...handles, control], left: [] })
    expect(warnings).toEqual([])
  })

  test('free slots and the main region’s odd handles name no object', () => {
    const { group, made, copy, clean, handles, control } = deadGroup(2, 64 * 1024)
    expect(handles.every(handle => (handle & 1) === 1)).toBe(true)
    const own = group.member.create(64, true)!
    const kept = group.member.create(64, true)!
    copy.set(new Uint8Array(group.life.control.words.buffer))
    slotWord(copy, kept.slot, SLOT.refcnt).setUint32(0, 0, true)
    stage.die(group)
    const region = group.life.control.words[group.life.control.slot(0)]! >>> 0
    expect(made.every(({ slot }) => slot > 0)).toBe(true)
    expect(clean()).toEqual({ sane: true, removed: [region, own.handle, control], left: [] })
    expect(stage.objects).toEqual([group.life.namespace.osName(kept.handle)])
    cleaner(group).destroy(kept.handle)
  })

  test('what is foreign or fails is left and told; the rest goes', () => {
    const { group, handles, clean, control } = deadGroup(3)
    stage.die(group)
    stage.faults.at('destroy', 1, 'foreign').at('destroy', 2, { errno: 'EIO', verb: 'remove' })
    const [first, second, third] = handles
    expect(clean()).toEqual({ sane: true, removed: [third, control], left: [first, second] })
    expect(warnings).toEqual([
      'left an object that is not ours under a name of ours',
      'could not remove an object of a dead group',
    ])
    for (const handle of handles) cleaner(group).destroy(handle)
  })

  test('an object that bears a name since, and is not the recorded one, stays', () => {
    const { group, handles, clean, namespace, control } = deadGroup(1)
    stage.die(group)
    namespace.destroy(handles[0]!)
    placeObject(namespace.scope, handles[0]!, { size: 9 })
    expect(clean()).toEqual({ sane: true, removed: [control], left: handles })
    expect(stage.objects).toEqual([namespace.osName(handles[0]!)])
  })

  test('a copy that is no control segment names nothing; the control segment goes', () => {
    const { group, handles, copy, clean, control } = deadGroup(1)
    stage.die(group)
    copy[0]! ^= 1
    expect(clean()).toEqual({ sane: false, removed: [control], left: [] })
    expect(clean(new Uint8Array(0))).toEqual({ sane: false, removed: [control], left: [] })
    expect(stage.objects).toHaveLength(1)
    cleaner(group).destroy(handles[0]!)
  })

  test('a slot that names the control segment itself does not make it go first', () => {
    const { group, handles, copy, clean, control } = deadGroup(2)
    slotWord(copy, 0, SLOT.handle).setUint32(0, control, true)
    stage.die(group)
    expect(clean()).toMatchObject({ removed: [handles[1], control] })
    cleaner(group).destroy(handles[0]!)
  })

  test('what is no handle, or no bytes, is refused before anything is removed', () => {
    const { group, copy } = deadGroup(1)
    const namespace = cleaner(group)
    const call = (bytes: unknown, handle: unknown) => () =>
      cleanControlSegment(bytes as Uint8Array, handle as number, namespace, logger)
    const before = stage.objects
    for (const handle of [0, 3, -2, 2 ** 32]) expect(call(copy, handle)).toThrow(RangeError)
    expect(call(copy, '2')).toThrow(TypeError)
    expect(call('copy', 2)).toThrow(TypeError)
    expect(stage.objects).toEqual(before)
  })
})
