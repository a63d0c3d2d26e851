/**
 * The beginning and the end of a life, case by case as the specification numbers them, where no
 * other file has them already. Every death and every failure here is made, none is waited for.
 */
import { defineImpl } from '@dsm/impl'
import { placeObject, resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readControlSegment } from '../src/control-view.js'
import { groupDirectory } from '../src/group-directory.js'
import { segments } from '../src/inspect.js'
import { defaultMaxSegments, PG, PG_MAGIC, SLOT } from '../src/layout.js'
import type { OpenedGroup } from '../src/open-group.js'
import { readState } from '../src/state-file.js'
import { LocalGroup } from './local-group.js'

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  stage.end()
  const left = stage.objects
  resetLocal()
  expect(left).toEqual([])
})

/** The same objects under names that others may bear too: only what a slot names is removed. */
function withoutNamesOfItsOwn() {
  const { impl } = stage
  return defineImpl({
    ...impl,
    supports: { ...impl.supports, enumerate: false, ownsNames: false },
    open(scope) {
      const space = impl.open(scope)
      return {
        osName: handle => space.osName(handle),
        create: (handle, size) => space.create(handle, size),
        createAsync: (handle, size) => space.createAsync(handle, size),
        attach: (handle, size) => space.attach(handle, size),
        destroy: (handle, evidence) => space.destroy(handle, evidence),
        close: () => space.close(),
      }
    },
  })
}

const calls = (operation: string): string[] =>
  stage.faults.log.filter(call => call.operation === operation).map(({ osName }) => osName)

const headOf = ({ life }: OpenedGroup): number[] => [...life.control.words.subarray(0, PG.words)]

describe('making a life', () => {
  test('case 1: 122 members make 674 slots in 26,976 bytes; nitems is maxitems at once', () => {
    const group = stage.open({ maxMembers: 122, maxSegments: undefined })
    const { control } = group.life
    expect(headOf(group)).toEqual([PG_MAGIC, 674, 674, 0])
    expect(control.slot(674) * 4).toBe(26_976)
    expect(control.geometry.partB * 4).toBeGreaterThanOrEqual(26_976)
    expect(readControlSegment(group.life.mapping.buffer)).toMatchObject({ sane: true })
  })

  test('case 2: nobody at all would be 64 slots and 2,576 bytes', () => {
    expect(defaultMaxSegments(0)).toBe(64)
    const group = stage.open({ maxSegments: 64 })
    expect(group.life.control.slot(64) * 4).toBe(2_576)
  })

  test('case 6: the state file names the control handle, which is even and not 0', () => {
    const group = stage.open()
    const [life] = readState(groupDirectory({ dir: stage.path }).state)
    expect(life).toEqual(group.life.record)
    expect(life!.controlHandle % 2).toBe(0)
    expect(life!.controlHandle).toBeGreaterThan(0)
    expect(calls('create')).toEqual([group.life.namespace.osName(life!.controlHandle)])
  })

  test('case 24: a joiner maps the control segment once, when it joins and not later', () => {
    const maker = stage.open()
    const { handle } = maker.member.create(10)!
    const control = maker.life.namespace.osName(maker.life.record.controlHandle)
    stage.faults.reset()
    const joiner = stage.open({ impl: null })
    expect(calls('attach')).toEqual([control])
    joiner.member.attach(handle)
    joiner.member.create(10)
    expect(calls('attach').filter(name => name === control)).toEqual([control])
  })

  test('case 26: one member’s crash changes nothing for the others; all dead, all is new', () => {
    const [one, two] = [stage.open(), stage.open()]
    const kept = one.member.create(10)!
    two.member.create(10)
    stage.die(two)
    one.member.sweep()
    const { controlHandle } = one.life.record
    const others = [one, stage.open()]
    expect(others[1]!.life.record.controlHandle).toBe(controlHandle)
    expect(segments(one.member)).toMatchObject([{ handle: kept.handle, refcnt: 2 }])
    for (const group of others) stage.leave(group)
    const last = stage.open()
    last.member.pin(last.member.create(10)!)
    stage.die(last)
    const next = stage.open()
    expect(next.life.record.controlHandle).not.toBe(last.life.record.controlHandle)
    expect(stage.objects).toHaveLength(1)
  })
})

describe('an orderly end', () => {
  test('case 8: what is pinned goes, and what a dead member was attached to', () => {
    const [one, two] = [stage.open(), stage.open()]
    one.member.pin(one.member.create(10)!)
    two.member.create(20)
    stage.die(two)
    expect(stage.objects).toHaveLength(3)
    stage.leave(one)
    expect(stage.objects).toEqual([])
  })

  test('case 9: for slots of the main region nothing is removed but the region itself', () => {
    const group = stage.open({ mainRegionSize: 2 ** 20 })
    const carved = group.member.create(10)!
    group.member.pin(carved)
    expect(carved.handle % 2).toBe(1)
    const [control, region] = stage.objects
    stage.faults.reset()
    stage.leave(group)
    expect(calls('destroy').sort()).toEqual([control, region].sort())
    expect(stage.warnings).toEqual([])
  })

  test.each(['leaves', 'dies'])(
    'case 10: a dying slot whose object is gone already is no obstacle when the last one %s',
    how => {
      const group = stage.open()
      const made = group.member.create(10)!
      const other = group.member.create(10)!
      group.member.pin(other)
      stage.faults.at('destroy', 1, { errno: 'EIO' })
      group.member.detach(made)
      expect(stage.warnings.splice(0)).toHaveLength(1)
      expect(segments(group.member)).toMatchObject([{ refcnt: 1 }, { refcnt: 3 }])
      group.life.namespace.destroy(made.handle)
      if (how === 'leaves') stage.leave(group)
      else stage.die(group)
      if (how === 'dies') stage.leave(stage.open())
      expect(stage.warnings).toEqual([])
      expect(stage.objects).toEqual([])
    },
  )
})

const SPOILT: readonly [string, (words: Int32Array) => void][] = [
  ['case 11: with another magic', words => words.fill(1, PG.magic, 1)],
  ['case 12: with nitems above maxitems', words => void words[PG.nitems]!++],
  ['case 13: with maxitems beyond the mapping', words => words.fill(0x7fff_ffff, 1, 3)],
]

describe.each(SPOILT)('%s', (_, spoil) => {
  const pinnedThenSpoilt = (impl = stage.impl): [OpenedGroup, number] => {
    const group = stage.open({ impl, loadImpl: () => impl })
    const { handle } = group.member.create(10)!
    group.member.pin(group.member.create(10)!)
    spoil(group.life.control.words)
    return [group, handle]
  }

  test('slots are not believed; what bears our names goes, with the control segment', () => {
    const [group] = pinnedThenSpoilt()
    expect(readControlSegment(group.life.mapping.buffer)).toMatchObject({ sane: false, slots: [] })
    expect(stage.objects).toHaveLength(3)
    stage.leave(group)
    expect(stage.objects).toEqual([])
  })

  test('where names are not ours alone, the control segment goes and nothing else', () => {
    const [group, handle] = pinnedThenSpoilt(withoutNamesOfItsOwn())
    const { scope } = group.life.namespace
    stage.die(group)
    stage.leave(stage.open({ impl: withoutNamesOfItsOwn() }))
    expect(stage.objects).toHaveLength(2)
    expect(stage.objects).toContain(stage.impl.open(scope).osName(handle))
    resetLocal()
  })
})

describe('what a dead life left', () => {
  test('case 16: it goes before the next life’s control segment is made', () => {
    const dead = stage.open()
    for (let n = 0; n < 2; n++) dead.member.pin(dead.member.create(10)!)
    stage.die(dead)
    const old = [...stage.objects]
    expect(old).toHaveLength(3)
    stage.faults.reset()
    stage.open()
    const order = stage.faults.log
      .filter(({ operation }) => operation === 'destroy' || operation === 'create')
      .map(({ operation }) => operation)
    expect(order).toEqual(['destroy', 'destroy', 'destroy', 'create'])
    expect(stage.objects).not.toEqual(expect.arrayContaining([old[0]]))
  })

  test('case 19: a free slot names nothing: a stranger’s object under its old handle stays', () => {
    const impl = withoutNamesOfItsOwn()
    const dead = stage.open({ impl, loadImpl: () => impl })
    const made = dead.member.create(10)!
    const kept = dead.member.create(10)!
    dead.member.detach(made)
    const { words } = dead.life.control
    const stale = words[dead.life.control.slot(made.slot) + SLOT.handle]! >>> 0
    expect(stale).toBe(made.handle)
    placeObject(dead.life.namespace.scope, stale, { size: 10 })
    const { namespace } = dead.life
    stage.die(dead)
    stage.open({ impl })
    expect(stage.objects).toContain(namespace.osName(stale))
    expect(stage.objects).not.toContain(namespace.osName(kept.handle))
    expect(stage.warnings).toEqual([])
    namespace.destroy(stale)
  })
})
