/** Names of segments. */
import { resetLocal } from '@dsm/impl-local'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segments } from '../src/inspect.js'
import { nameKey } from '../src/name-key.js'
import { setStoreTrap } from '../src/shared-words.js'
import { LocalGroup } from './local-group.js'
import { seedFor } from './seed.js'

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

const CONFIG = nameKey('config')

describe('nameKey', () => {
  test('takes 1 to 48 bytes of UTF-8', () => {
    for (const name of ['a', 'ü'.repeat(24), 'x'.repeat(48), '名前', ' ', '/']) {
      expect(nameKey(name).name).toBe(name)
    }
    for (const name of ['', 'x'.repeat(49), 'ü'.repeat(25), 'a\0b', '\ud800']) {
      expect(() => nameKey(name)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }))
    }
    for (const name of [null, undefined, 1, {}]) {
      expect(() => nameKey(name as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      )
    }
  })
})

describe('publish, lookup, unpublish', () => {
  test('a name leads another member to the segment, and moves by publishing again', () => {
    const mine = stage.open()
    const other = stage.open()
    const first = mine.member.create(10)!
    const second = mine.member.create(20)!
    expect(other.member.names.lookup(CONFIG)).toBeNull()
    mine.member.names.publish(CONFIG, first.handle)
    expect(other.member.names.lookup(CONFIG)).toBe(first.handle)
    other.member.names.publish(CONFIG, second.handle)
    expect(mine.member.names.lookup(CONFIG)).toBe(second.handle)
    expect(segments(mine.member).map(({ names }) => names)).toEqual([[], ['config']])
    expect(mine.member.names.unpublish(CONFIG)).toBe(true)
    expect(mine.member.names.unpublish(CONFIG)).toBe(false)
    expect(other.member.names.lookup(CONFIG)).toBeNull()
  })

  test('a name goes with its segment', () => {
    const { member } = stage.open()
    const made = member.create(10)!
    member.names.publish(CONFIG, made.handle)
    member.detach(made)
    expect(member.names.lookup(CONFIG)).toBeNull()
    expect(member.names.unpublish(CONFIG)).toBe(false)
  })

  test('an unknown handle, a main region’s and a dying one cannot be published', () => {
    const { member } = stage.open()
    const made = member.create(10)!
    member.detach(made)
    for (const handle of [2, made.handle]) {
      expect(() => member.names.publish(CONFIG, handle)).toThrow(
        expect.objectContaining({ code: 'DSM_UNKNOWN_HANDLE' }),
      )
    }
  })

  test('there is a name for every slot, and one more is an error that changes nothing', () => {
    const { member } = stage.open()
    const made = member.create(10)!
    for (let n = 0; n < 6; n++) member.names.publish(nameKey(`name ${n}`), made.handle)
    expect(() => member.names.publish(CONFIG, made.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_TOO_MANY_SEGMENTS' }),
    )
    expect(() => member.names.claim(CONFIG)).toThrow(
      expect.objectContaining({ code: 'DSM_TOO_MANY_SEGMENTS' }),
    )
    member.names.publish(nameKey('name 3'), made.handle)
    member.detach(made)
    expect(member.names.claim(CONFIG)).toBe('ours')
    member.names.renounce(CONFIG)
  })

  test('agree with a map, whatever members do, die and are cut at', () => {
    const what = fc.constantFrom('publish', 'unpublish', 'create', 'detach', 'cut', 'recover')
    const step = fc.tuple(what, fc.nat(4), fc.nat(50))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), steps => {
        const { member } = stage.open()
        const observer = stage.open()
        const made = [member.create(1)!]
        const model = new Map<string, number>()
        for (const [kind, n, pick] of steps) {
          const key = nameKey(`n${n}`)
          const one = made[pick % made.length]
          if (kind === 'publish' && one) {
            member.names.publish(key, one.handle)
            model.set(key.name, one.handle)
          } else if (kind === 'unpublish') {
            expect(member.names.unpublish(key)).toBe(model.delete(key.name))
          } else if (kind === 'create') {
            const next = member.create(1)
            if (next) made.push(next)
          } else if (kind === 'detach' && one) {
            made.splice(made.indexOf(one), 1)
            member.detach(one)
            for (const [name, handle] of model) if (handle === one.handle) model.delete(name)
          } else if (kind === 'cut' && one) {
            let left = pick
            setStoreTrap(() => {
              if (left-- === 0) throw new Error('cut')
            })
            try {
              member.names.publish(key, one.handle)
            } catch {}
            setStoreTrap(null)
            member.sweep()
            const now = observer.member.names.lookup(key)
            expect([one.handle, model.get(key.name) ?? null]).toContain(now)
            if (now === null) model.delete(key.name)
            else model.set(key.name, now)
          } else if (kind === 'recover') {
            const doomed = stage.open()
            stage.die(doomed)
            member.sweep()
          }
          for (let m = 0; m <= 4; m++) {
            expect(observer.member.names.lookup(nameKey(`n${m}`))).toBe(model.get(`n${m}`) ?? null)
          }
        }
        stage.leave(observer)
        for (const one of made) member.detach(one)
        stage.end()
        stage = new LocalGroup()
      }),
      { seed: seedFor('names'), numRuns: 60 },
    )
  })
})

describe('claim', () => {
  test('case 137: one member makes it while the others see that it is busy', () => {
    const mine = stage.open()
    const other = stage.open()
    expect(mine.member.names.claim(CONFIG)).toBe('ours')
    expect(other.member.names.claim(CONFIG)).toBe('busy')
    expect(other.member.names.lookup(CONFIG)).toBeNull()
    const made = mine.member.create(10)!
    mine.member.names.fulfil(CONFIG, made.handle)
    expect(other.member.names.claim(CONFIG)).toEqual({ handle: made.handle })
  })

  test('renounced, or its maker dead: the next to ask makes it', () => {
    const mine = stage.open()
    const other = stage.open()
    expect(mine.member.names.claim(CONFIG)).toBe('ours')
    mine.member.names.renounce(CONFIG)
    const doomed = stage.open()
    expect(doomed.member.names.claim(CONFIG)).toBe('ours')
    stage.die(doomed)
    expect(other.member.names.claim(CONFIG)).toBe('ours')
    expect(mine.member.names.claim(CONFIG)).toBe('busy')
    other.member.names.renounce(CONFIG)
  })

  test('within its own making it is an error, not a wait for ever', () => {
    const { member } = stage.open()
    member.names.claim(CONFIG)
    expect(() => member.names.claim(CONFIG)).toThrow(
      expect.objectContaining({ code: 'DSM_LOCK_HELD' }),
    )
    member.names.renounce(CONFIG)
  })
})
