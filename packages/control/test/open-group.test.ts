/** Opening and leaving, over everything that a group's directory can hold. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { segments } from '../src/inspect.js'
import { B } from '../src/layout.js'
import { endLife } from '../src/leave-group.js'
import { openGroup } from '../src/open-group.js'
import { setStoreTrap } from '../src/shared-words.js'
import { readState } from '../src/state-file.js'
import { runAsync, runSync } from '../src/steps.js'
import { Sweeper } from '../src/sweeper.js'
import { LocalGroup } from './local-group.js'

let stage: LocalGroup
beforeEach(() => {
  stage = new LocalGroup()
})
afterEach(() => {
  setStoreTrap(null)
  stage.end()
  const left = stage.objects
  resetLocal()
  expect(left).toEqual([])
})

const statePath = (): string => join(stage.path, 'state')

describe('opening', () => {
  test('the first makes a life, the second joins it, the last one out removes everything', () => {
    const first = stage.open()
    const second = stage.open({ impl: null })
    expect(second.life.record).toEqual(first.life.record)
    expect(readdirSync(stage.path).sort()).toEqual(
      ['lock', `members.${first.life.record.nonce}`, 'state'].sort(),
    )
    stage.leave(first)
    expect(stage.objects).toHaveLength(1)
    stage.leave(second)
    expect(existsSync(stage.path)).toBe(false)
  })

  test('without a group and without an impl nothing is made', () => {
    expect(() => stage.open({ impl: null })).toThrow(
      expect.objectContaining({ code: 'DSM_NOT_FOUND' }),
    )
    expect(existsSync(stage.path)).toBe(false)
  })

  test('case 4: a control segment’s name that is taken is passed over', () => {
    stage.faults.at('create', 1, 'taken')
    const group = stage.open()
    expect(readState(statePath())).toEqual([group.life.record])
  })

  test('case 5: no room for the control segment: an error, and no trace of the group', () => {
    stage.faults.at('create', 1, { errno: 'ENOSPC', verb: 'resize' })
    expect(() => stage.open()).toThrow(expect.objectContaining({ code: 'DSM_NO_SPACE' }))
    expect(existsSync(stage.path)).toBe(false)
  })

  test('cut at any store of making and joining: the next open works, and nothing is left', () => {
    let stores = 0
    setStoreTrap(() => stores++)
    stage.leave(stage.open())
    for (let cut = 0; cut < stores; cut++) {
      let left = cut
      setStoreTrap(() => {
        if (left-- === 0) throw new Error('cut')
      })
      try {
        stage.leave(stage.open())
      } catch (error) {
        expect(error).toMatchObject({ message: 'cut' })
      }
      setStoreTrap(null)
      stage.leave(stage.open())
      expect(stage.objects, `store ${cut}`).toEqual([])
    }
  })

  test('exclusive is refused with the pids of who is in, and changes nothing', () => {
    const group = stage.open()
    expect(() => stage.open({ exclusive: true })).toThrow(
      expect.objectContaining({
        code: 'DSM_IN_USE',
        message: expect.stringContaining(String(process.pid)),
      }),
    )
    expect(readState(statePath())).toEqual([group.life.record])
  })

  test('all entries taken: an error with the pids; a dead one’s entry is free at once', () => {
    const members = [1, 2, 3, 4].map(() => stage.open())
    expect(() => stage.open()).toThrow(expect.objectContaining({ code: 'DSM_TOO_MANY_MEMBERS' }))
    stage.die(members[2]!)
    expect(stage.open().member.index).toBe(2)
  })

  test('asking for other sizes than the maker’s is a warning', () => {
    stage.open()
    stage.open({ maxSegments: 7 })
    expect(stage.warnings).toMatchObject([
      { fields: { option: 'maxSegments', asked: 7, value: 6 } },
    ])
  })
})

describe('what a dead group left', () => {
  test('case 16: its segments and its control segment go before another life begins', () => {
    const dead = stage.open()
    dead.member.pin(dead.member.create(10)!)
    dead.member.create(20)
    stage.die(dead)
    expect(stage.objects).toHaveLength(3)
    const next = stage.open()
    expect(stage.objects).toHaveLength(1)
    expect(next.life.record.nonce).not.toBe(dead.life.record.nonce)
    expect(readdirSync(stage.path)).not.toContain(`members.${dead.life.record.nonce}`)
  })

  test('case 17: a control segment that is gone is no obstacle', () => {
    const dead = stage.open()
    dead.life.namespace.destroy(dead.life.record.controlHandle)
    stage.die(dead)
    expect(segments(stage.open().member)).toEqual([])
  })

  test('case 18: an insane control segment is not iterated; its objects go by their names', () => {
    const dead = stage.open()
    dead.member.create(10)
    dead.life.control.words[0] = 0
    stage.die(dead)
    stage.open()
    expect(stage.objects).toHaveLength(1)
  })

  test('case 20: one removal that fails does not keep the others', () => {
    const dead = stage.open()
    for (let n = 0; n < 3; n++) dead.member.create(10)
    stage.die(dead)
    stage.faults.at('destroy', 2, { errno: 'EIO', verb: 'remove' })
    stage.open()
    expect(stage.objects).toHaveLength(1) // the second pass, by name, had it
  })

  test('an empty, foreign or cut state file is nobody’s', () => {
    for (const text of ['', 'PG_VERSION', '{"dsm":1,"lives":[{}]}', '{"dsm":1,"lives"', 'null']) {
      stage.leave(stage.open())
      const keeper = stage.open()
      stage.die(keeper)
      keeper.life.namespace.destroy(keeper.life.record.controlHandle)
      writeFileSync(statePath(), text)
      const next = stage.open()
      expect(readState(statePath())).toEqual([next.life.record])
      stage.leave(next)
    }
  })

  test('a record with a handle that names no object is nobody’s', () => {
    const maker = stage.open()
    const odd = { ...maker.life.record, controlHandle: 3 }
    writeFileSync(statePath(), JSON.stringify({ dsm: 1, lives: [odd, maker.life.record] }))
    expect(readState(statePath())).toEqual([maker.life.record])
    stage.leave(stage.open())
  })

  test('case 25: a member whose life lost its magic is left alone; another begins beside it', () => {
    const odd = stage.open()
    odd.life.control.words[odd.life.control.header(B.magic)] = 0
    const next = stage.open()
    expect(readState(statePath())).toEqual([odd.life.record, next.life.record])
    stage.die(odd)
    stage.leave(next)
  })
})

describe('persist', () => {
  test('pinned segments outlive the last member; without any, nothing stays', () => {
    const maker = stage.open({ persist: true })
    const made = maker.member.create(10)!
    new Uint8Array(made.mapping.buffer)[3] = 77
    maker.member.pin(made)
    maker.member.create(20)
    stage.leave(maker)
    expect(JSON.parse(readFileSync(statePath(), 'utf8')).lives).toHaveLength(1)
    const next = stage.open({ impl: null })
    const again = next.member.attach(made.handle)!
    expect(new Uint8Array(again.mapping.buffer)[3]).toBe(77)
    expect(segments(next.member)).toHaveLength(1)
    next.member.unpin(made.handle)
    next.member.detach(again)
    stage.leave(next)
    expect(existsSync(stage.path)).toBe(false)
  })

  test('of a group whose last member was killed, the pinned segments stay and no others', () => {
    const dead = stage.open({ persist: true })
    const made = dead.member.create(10)!
    dead.member.pin(made)
    dead.member.create(20)
    stage.die(dead)
    const next = stage.open()
    expect(segments(next.member)).toMatchObject([{ handle: made.handle, refcnt: 2, pinned: true }])
    next.member.unpin(made.handle)
  })

  test('a life that was shut down keeps nothing: its last member removes all of it', () => {
    const ended = stage.open({ persist: true })
    ended.member.pin(ended.member.create(10)!)
    runSync(endLife(ended, 1_000))
    stage.leave(ended)
    expect(existsSync(stage.path)).toBe(false)
    expect(stage.objects).toEqual([])
  })
})

describe('shutdown', () => {
  test('nothing begins in a life that was ended; another one begins beside it', () => {
    const ender = stage.open()
    const other = stage.open()
    const kept = other.member.create(10)!
    new Uint8Array(kept.mapping.buffer)[0] = 5
    runSync(endLife(ender, 1_000))
    stage.leave(ender)
    expect(() => other.member.create(10)).toThrow(expect.objectContaining({ code: 'DSM_CLOSED' }))
    expect(new Uint8Array(kept.mapping.buffer)[0]).toBe(5)
    const next = stage.open()
    expect(next.life.record.nonce).not.toBe(other.life.record.nonce)
    other.member.detach(kept)
    stage.leave(other)
    expect(readState(statePath())).toEqual([next.life.record])
  })
})

describe('a control segment that somebody removes', () => {
  test('ends its life at the next tick: nothing begins, mappings stay, another life is made', async () => {
    const group = stage.open()
    const kept = group.member.create(10)!
    const sweeper = new Sweeper(group.life, group.member, () => undefined)
    group.life.namespace.destroy(group.life.record.controlHandle)
    await vi.waitFor(
      () =>
        expect(() => group.member.create(10)).toThrow(
          expect.objectContaining({ code: 'DSM_REMOVED' }),
        ),
      { timeout: 20_000 },
    )
    sweeper.stop()
    expect(kept.mapping.buffer.byteLength).toBe(10)
    expect(stage.open().life.record.nonce).not.toBe(group.life.record.nonce)
  })
})

describe('waiting for byte 0', () => {
  test('openDsmAsync’s way lets the event loop turn, and an abort leaves nothing', async () => {
    const group = stage.open()
    const { LockFile } = await import('@dsm/lwlock')
    const gate = LockFile.open(join(stage.path, 'lock'))
    gate.take(0)
    const abort = new AbortController()
    const opening = runAsync(openGroup(stage.options(), 'async'), abort.signal)
    let turns = 0
    const timer = setInterval(() => ++turns === 3 && abort.abort(), 1)
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
    clearInterval(timer)
    gate.close()
    expect(turns).toBeGreaterThanOrEqual(3)
    expect(readState(statePath())).toEqual([group.life.record])
  })

  test('is given up at the deadline with a sentence that says what to look for', async () => {
    stage.open()
    const { LockFile } = await import('@dsm/lwlock')
    const gate = LockFile.open(join(stage.path, 'lock'))
    gate.take(0)
    expect(() => stage.open({ lockTimeoutMs: 20 })).toThrow(
      expect.objectContaining({
        code: 'DSM_LOCK_TIMEOUT',
        message: expect.stringContaining('opening, closing or cleaning'),
      }),
    )
    gate.close()
  })
})
