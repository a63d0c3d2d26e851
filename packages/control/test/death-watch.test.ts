/** The log of deaths: every death once to everybody who looks, whatever became of who recovered. */
import { afterEach, expect, test } from 'vitest'
import type { ControlSegment } from '../src/control-segment.js'
import { recordDeath } from '../src/death-log.js'
import { DeathWatch } from '../src/death-watch.js'
import { B, DEATH, SLOT } from '../src/layout.js'
import { Recovery } from '../src/recovery.js'
import { setReference } from '../src/references.js'
import { setStoreTrap } from '../src/shared-words.js'
import { plainControl, TestMembers } from './plain-control.js'

const warnings: string[] = []
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string) => void warnings.push(message),
  error: () => undefined,
}

let stage: TestMembers | null = null
afterEach(() => {
  setStoreTrap(null)
  stage?.end()
  stage = null
  warnings.length = 0
})

/** Member 0 is ours; 1 and 2 are dead, and both hold every one of these segments. */
function scene(handles: readonly number[]): { control: ControlSegment; recovery: Recovery } {
  const control = plainControl({ maxSegments: 8, maxMembers: 4 })
  stage = new TestMembers(control)
  const self = stage.add(0, 5, true)
  for (const dead of [1, 2]) stage.add(dead, 9, false)
  for (const [slot, handle] of handles.entries()) {
    control.words[control.slot(slot) + SLOT.handle] = handle
    control.words[control.slot(slot) + SLOT.refcnt] = 3
    for (const dead of [1, 2]) setReference(control, slot, dead)
  }
  return { control, recovery: new Recovery(control, self.file, self.token) }
}

const simple = (watch: DeathWatch) =>
  watch.look().map(({ member, handles }) => [member.index, member.pid, handles])

test('each of several dead members is told with all that it held, and once', () => {
  const { control, recovery } = scene([20, 40])
  const watch = new DeathWatch(control, logger)
  recovery.run()
  expect(simple(watch)).toEqual([
    [1, 1001, [20, 40]],
    [2, 1002, [20, 40]],
  ])
  expect(watch.look()).toEqual([])
})

test('a watch made later is not told of those who were buried before', () => {
  const { control, recovery } = scene([20])
  recovery.run()
  expect(new DeathWatch(control, logger).look()).toEqual([])
})

test('a recovery that is cut at any store and run again loses nothing and tells nothing twice', () => {
  let stores = 0
  for (let cut = 1; ; cut++) {
    const { control, recovery } = scene([20, 40])
    const watch = new DeathWatch(control, logger)
    let left = cut
    setStoreTrap(() => {
      if (--left === 0) throw new Error('cut')
    })
    let whole = false
    try {
      recovery.run()
      whole = true
    } catch {}
    setStoreTrap(null)
    const told = simple(watch)
    recovery.run()
    told.push(...simple(watch))
    expect(told.sort()).toEqual([
      [1, 1001, [20, 40]],
      [2, 1002, [20, 40]],
    ])
    stage?.end()
    stage = null
    stores = cut
    if (whole) break
  }
  expect(stores).toBeGreaterThan(40)
})

test('of more deaths than the log can hold the last are told, with a warning', () => {
  const { control } = scene([])
  const watch = new DeathWatch(control, logger)
  const { deathCapacity } = control.geometry
  for (let n = 0; n < 2 * deathCapacity; n++) recordDeath(control, 1, 2 + 2 * n)
  recordDeath(control, 1, 0)
  const [death, ...more] = watch.look()
  expect(more).toEqual([])
  expect(death!.handles).toHaveLength(deathCapacity - 2)
  expect(warnings).toHaveLength(1)
})

test('the count of entries may pass 2^31 and 2^32', () => {
  for (const start of [0x7fff_fffe, -2]) {
    const { control } = scene([])
    control.words[control.header(B.deathCount)] = start
    const watch = new DeathWatch(control, logger)
    for (const handle of [2, 4, 6, 0]) recordDeath(control, 2, handle)
    expect(simple(watch)).toEqual([[2, 1002, [2, 4, 6]]])
    stage?.end()
    stage = null
  }
})

test('a damaged entry that names no member is passed over', () => {
  const { control } = scene([])
  const watch = new DeathWatch(control, logger)
  recordDeath(control, 1, 0)
  control.words[control.geometry.deaths + DEATH.member] = 77
  recordDeath(control, 2, 0)
  expect(simple(watch)).toEqual([[2, 1002, []]])
})
