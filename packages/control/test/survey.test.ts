/** A group seen, read and cleaned by somebody who is not in it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resetLocal } from '@dsm/impl-local'
import { LockFile } from '@dsm/lwlock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanGroup, objectsOf } from '../src/clean-group.js'
import type { ControlSegment } from '../src/control-segment.js'
import { groupDirectory } from '../src/group-directory.js'
import { B, MEMBER, SLOT } from '../src/layout.js'
import { endLife } from '../src/leave-group.js'
import { listGroups } from '../src/list-groups.js'
import { nameKey } from '../src/name-key.js'
import { readSegment } from '../src/read-segment.js'
import { readState } from '../src/state-file.js'
import { steadyCopy } from '../src/steady-copy.js'
import { runSync } from '../src/steps.js'
import { surveyGroup } from '../src/survey.js'
import { LocalGroup } from './local-group.js'
import { seedFor } from './seed.js'

let stage: LocalGroup
const warnings: string[] = []
const logger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void warnings.push(message),
  error: () => {},
}
beforeEach(() => {
  stage = new LocalGroup()
  warnings.length = 0
})
afterEach(() => {
  stage.end()
  resetLocal()
})

const place = () => groupDirectory({ dir: stage.path })
const load = () => stage.impl
const survey = () => surveyGroup(place(), load)
const onlyLife = () => {
  const { lives } = survey()
  expect(lives).toHaveLength(1)
  return lives[0]!
}
const clean = () => cleanGroup(place(), load, logger)
/** Every file of the group and every object, to see that nothing was touched. */
const traces = () => ({
  objects: [...stage.objects],
  state: readFileSync(join(stage.path, 'state'), 'utf8'),
})

describe('a survey', () => {
  test('of a group that lives says who holds what, and leaves no trace', () => {
    const group = stage.open({ mainRegionSize: 64 << 10 })
    const other = stage.open()
    const object = group.member.create(5000, true)!
    const carved = group.member.create(5000)!
    group.member.names.publish(nameKey('catalogue'), carved.handle)
    other.member.attach(carved.handle)
    group.member.pin(object)
    const before = traces()
    const { state, content, problem } = onlyLife()
    expect({ state, problem }).toEqual({ state: 'live', problem: null })
    expect(content).toMatchObject({ settled: true, lockedBy: null, maxMembers: 4, maxSegments: 6 })
    expect(content!.segments).toMatchObject([
      { slot: 1, handle: object.handle, size: 5000, refcnt: 3, pinned: true, heldBy: [0] },
      { slot: 2, handle: carved.handle, heldBy: [0, 1], names: ['catalogue'], run: { npages: 2 } },
    ])
    expect(content!.members).toMatchObject([
      { index: 0, pid: process.pid, alive: true, handles: [object.handle, carved.handle] },
      { index: 1, alive: true, handles: [carved.handle] },
    ])
    expect(content!.mainRegion).toMatchObject({ slot: 0, pages: 16, total: 15, free: 13 })
    expect(content!.mainRegion!.largest).toBe(13)
    expect(traces()).toEqual(before)
  })

  test('of no group says so and makes nothing', () => {
    expect(survey()).toMatchObject({ exists: false, lives: [] })
    expect(existsSync(stage.path)).toBe(false)
  })

  test('of a group whose members died says dead, with what it left, and removes nothing', () => {
    const group = stage.open()
    const { handle } = group.member.create(64)!
    stage.die(group)
    const before = traces()
    expect(onlyLife()).toMatchObject({ state: 'dead', content: { segments: [{ handle }] } })
    expect(traces()).toEqual(before)
  })

  test('says asleep where pinned segments are kept without members', () => {
    const group = stage.open({ persist: true })
    group.member.pin(group.member.create(64)!)
    stage.leave(group)
    expect(onlyLife().state).toBe('asleep')
    expect(clean()).toMatchObject({ lives: [], directoryRemoved: false })
    expect(stage.objects).toHaveLength(2)
  })

  test('does not say asleep of a life that was shut down: nobody can join it, and it goes', () => {
    const group = stage.open({ persist: true })
    group.member.pin(group.member.create(64)!)
    runSync(endLife(group, 1000))
    stage.die(group)
    expect(onlyLife().state).toBe('dead')
    expect(clean()).toMatchObject({ directoryRemoved: true })
    expect(stage.objects).toEqual([])
  })

  test('says busy and not dead while somebody has byte 0, as the maker of a life has', () => {
    const group = stage.open()
    stage.die(group)
    const gate = LockFile.open(join(stage.path, 'lock'))
    gate.take(0)
    expect(onlyLife().state).toBe('busy')
    gate.close()
    expect(onlyLife().state).toBe('dead')
  })

  test('says shut down of a life that was ended, beside the next one', () => {
    const old = stage.open()
    runSync(endLife(old, 1000))
    stage.open()
    const { lives } = survey()
    expect(lives.map(({ state }) => state)).toEqual(['live', 'live'])
    expect(lives.map(({ content }) => content!.shutDown)).toEqual([true, false])
  })

  test('says whose lock it is when the lock is not given back, and does not wait for it', () => {
    const group = stage.open()
    const { control } = group.life
    control.words[control.lock] = group.member.token
    const { settled, lockedBy } = onlyLife().content!
    control.words[control.lock] = 0
    expect({ settled, lockedBy }).toEqual({ settled: false, lockedBy: 0 })
  })

  test('names the problem of a control segment that is gone, damaged or of another layout', () => {
    const group = stage.open()
    const { control, namespace, record } = group.life
    const layout = control.header(B.layout)
    control.words[layout] = 77
    expect(onlyLife()).toMatchObject({ problem: { code: 'DSM_LAYOUT_MISMATCH' }, content: null })
    control.words[layout] = 1
    control.words[0] = 5
    expect(onlyLife()).toMatchObject({ state: 'live', problem: { code: 'DSM_CORRUPT' } })
    namespace.destroy(record.controlHandle)
    expect(onlyLife()).toMatchObject({ state: 'live', problem: { code: 'DSM_REMOVED' } })
  })

  test('names the problem of a record whose mechanism is not there, or whose options are none', () => {
    stage.open()
    const failing = () => {
      throw Object.assign(new RangeError('no such option'), { code: 'ERR_OUT_OF_RANGE' })
    }
    const { lives } = surveyGroup(place(), failing)
    expect(lives).toMatchObject([{ state: 'live', problem: { code: 'DSM_CORRUPT' } }])
  })

  test('never throws on a control segment of random words behind a sound header', () => {
    const seed = seedFor('random control segments')
    let state = seed
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return (state >>> 0) / 2 ** 32
    }
    const group = stage.open({ mainRegionSize: 64 << 10 })
    const { control } = group.life
    const sound = control.words.slice()
    const keep = new Set([0, 1, 2, control.lock])
    for (let word = 0; word < 10; word++) keep.add(control.header(word))
    for (let round = 0; round < 200; round++) {
      for (let word = 0; word < control.words.length; word++) {
        const hit = random() < 0.3 && !keep.has(word)
        control.words[word] = hit ? (random() * 2 ** 32) | 0 : sound[word]!
      }
      const { content } = onlyLife()
      expect(content, `seed ${seed}, round ${round}`).not.toBeNull()
      for (const segment of content!.segments.slice(0, 3)) {
        try {
          readSegment(place(), onlyLife(), segment, { offset: 0, length: 16 }, load)
        } catch (error) {
          expect((error as { code?: string }).code, `seed ${seed}`).toMatch(/^DSM_/)
        }
      }
    }
    control.words.set(sound)
  })
})

describe('a steady copy', () => {
  test('is not settled while words change under it', () => {
    const group = stage.open()
    const { control } = group.life
    let reads = 0
    const changing = new Proxy(control.words, {
      get: (words, key) => {
        if (key === 'buffer') words[control.member(0) + MEMBER.startedAt] = ++reads
        const value = Reflect.get(words, key, words)
        return typeof value === 'function' ? value.bind(words) : value
      },
    })
    const view = Object.create(control, { words: { value: changing } }) as ControlSegment
    Object.defineProperty(view, 'privateCopy', { value: () => control.privateCopy() })
    expect(steadyCopy(view).settled).toBe(false)
    expect(reads).toBeGreaterThan(100)
  })
})

describe('bytes of a segment', () => {
  test('are read from where one asks, and end where it ends', () => {
    const group = stage.open()
    const made = group.member.create(5000)!
    new Uint8Array(made.mapping.buffer).fill(7, 4995)
    const life = onlyLife()
    const read = (offset: number, length: number) =>
      readSegment(place(), life, life.content!.segments[0]!, { offset, length }, load)
    expect(read(4990, 100)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 7, 7, 7, 7, 7))
    expect(read(6000, 100)).toEqual(new Uint8Array(0))
  })

  test('are null when the segment went meanwhile', () => {
    const group = stage.open()
    const { handle } = group.member.create(64)!
    const life = onlyLife()
    const segment = life.content!.segments[0]!
    group.life.namespace.destroy(handle)
    expect(readSegment(place(), life, segment, { offset: 0, length: 8 }, load)).toBeNull()
  })
})

describe('cleaning from outside', () => {
  test('removes a dead group whole, says which objects, and finds nothing the second time', () => {
    const group = stage.open()
    group.member.create(64)
    const { record, namespace } = group.life
    stage.die(group)
    const planned = objectsOf(place(), readState(place().state)[0]!, load)
    expect(planned).toHaveLength(2)
    expect(planned).toContain(namespace.osName(record.controlHandle))
    expect(clean()).toEqual({
      busy: false,
      lives: [{ nonce: record.nonce, objects: planned }],
      directoryRemoved: true,
      unknown: [],
    })
    expect(stage.objects).toEqual([])
    expect(clean()).toMatchObject({ lives: [], directoryRemoved: true })
    expect(warnings).toEqual([])
  })

  test('touches nothing of a group that lives', () => {
    const group = stage.open()
    group.member.create(64)
    const before = traces()
    expect(clean()).toMatchObject({ busy: false, lives: [], directoryRemoved: false, unknown: [] })
    expect(traces()).toEqual(before)
  })

  test('removes a dead life beside one that lives', () => {
    const old = stage.open()
    runSync(endLife(old, 1000))
    const young = stage.open()
    stage.die(old)
    expect(clean().lives).toMatchObject([{ nonce: old.life.record.nonce }])
    expect(survey().lives.map(({ record }) => record)).toEqual([young.life.record])
  })

  test('does nothing while somebody has byte 0, and does not wait', () => {
    const group = stage.open()
    stage.die(group)
    const gate = LockFile.open(join(stage.path, 'lock'))
    gate.take(0)
    expect(clean()).toMatchObject({ busy: true, lives: [] })
    gate.close()
    expect(stage.objects).toHaveLength(1)
    expect(clean()).toMatchObject({ busy: false, directoryRemoved: true })
  })

  test('leaves a file that nobody knows, and says so', () => {
    const group = stage.open()
    stage.die(group)
    const file = join(stage.path, 'notes.txt')
    writeFileSync(file, 'mine')
    expect(clean()).toMatchObject({ directoryRemoved: false, unknown: ['notes.txt'] })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    rmSync(file)
  })

  test('removes a directory that its maker left empty, or with half a state', () => {
    mkdirSync(stage.path, { mode: 0o700 })
    expect(clean()).toMatchObject({ directoryRemoved: true })
    mkdirSync(stage.path, { mode: 0o700 })
    writeFileSync(join(stage.path, 'lock'), '', { mode: 0o600 })
    writeFileSync(join(stage.path, 'state.new'), '{"dsm":1,"li', { mode: 0o600 })
    expect(survey()).toMatchObject({ exists: true, lives: [] })
    expect(clean()).toMatchObject({ directoryRemoved: true })
  })

  test('leaves the files of a group whose state was spoilt while somebody is in', () => {
    const group = stage.open()
    const { state, lock } = place()
    const sound = readFileSync(state)
    writeFileSync(state, 'spoilt')
    const members = `members.${group.life.record.nonce}`
    expect(clean()).toMatchObject({ lives: [], directoryRemoved: false, unknown: [members] })
    expect(existsSync(lock)).toBe(true)
    writeFileSync(state, sound)
  })

  test('leaves an object that is not the recorded one, and warns', () => {
    const group = stage.open()
    const { handle } = group.member.create(64)!
    const { control, namespace } = group.life
    namespace.destroy(handle)
    namespace.create(handle, 64)!.detach() // a stranger's, under the same name
    expect(control.words[control.slot(0) + SLOT.refcnt]).toBe(2)
    stage.die(group)
    clean()
    expect(warnings).toContain('left an object that is not ours under a name of ours')
  })
})

describe('the list of groups', () => {
  const before = process.env.DSM_DIR
  afterEach(() => {
    if (before === undefined) delete process.env.DSM_DIR
    else process.env.DSM_DIR = before
  })

  test('has the directories that can be groups, by name; none without the place', () => {
    process.env.DSM_DIR = stage.path
    expect(listGroups()).toEqual([])
    for (const name of ['zeta', 'alpha', 'No Group'])
      mkdirSync(join(stage.path, name), { recursive: true })
    writeFileSync(join(stage.path, 'file'), '')
    expect(listGroups().map(({ name }) => name)).toEqual(['alpha', 'zeta'])
    expect(listGroups()[0]!.path).toBe(join(stage.path, 'alpha'))
  })
})
