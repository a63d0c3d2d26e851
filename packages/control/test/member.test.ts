/** A member's operations when something fails, and what dead members leave behind. */
import { DsmError } from '@dsm/impl'
import { placeObject, resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segments } from '../src/inspect.js'
import { EXTRA, MEMBER, SLOT } from '../src/layout.js'
import { countReferences } from '../src/references.js'
import { setStoreTrap } from '../src/shared-words.js'
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

const refcnts = (group: ReturnType<LocalGroup['open']>): number[] => {
  const { control } = group.life
  return Array.from(
    { length: control.geometry.maxSegments },
    (_, slot) => control.words[control.slot(slot) + SLOT.refcnt]!,
  )
}

describe('create', () => {
  test('case 27: the first one takes slot 0 with refcnt 2, unpinned', () => {
    const group = stage.open()
    const made = group.member.create(100)!
    expect(made.slot).toBe(0)
    expect(segments(group.member)).toMatchObject([
      { handle: made.handle, size: 100, refcnt: 2, pinned: false },
    ])
  })

  test('a name that a stranger has is passed over, and the stranger’s object stays', () => {
    const group = stage.open()
    stage.faults.at('create', 1, 'taken').at('create', 2, 'taken')
    const made = group.member.create(10)!
    expect(stage.faults.log.filter(call => call.operation === 'create')).toHaveLength(4)
    expect(group.member.attach(made.handle === 2 ? 4 : 2)).toBeNull()
    expect(segments(group.member)).toHaveLength(1)
  })

  test('eight strangers in a row are an error, and the slot is free again', () => {
    const group = stage.open()
    for (let nth = 1; nth <= 8; nth++) stage.faults.at('create', nth, 'taken')
    expect(() => group.member.create(10)).toThrow(expect.objectContaining({ code: 'DSM_FOREIGN' }))
    expect(refcnts(group)).toEqual([0, 0, 0, 0, 0, 0])
    expect(group.member.create(10)).not.toBeNull()
  })

  test('case 38: without room for the object: the error passes through, the slot is free again', () => {
    const group = stage.open()
    stage.faults.at('create', 1, { errno: 'ENOSPC', verb: 'resize' })
    expect(() => group.member.create(10)).toThrow(expect.objectContaining({ code: 'DSM_NO_SPACE' }))
    expect(refcnts(group)).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('createAsync that fails half-way gives the slot back', async () => {
    const group = stage.open()
    stage.faults.at('allocate', 1, { errno: 'ENOSPC', verb: 'resize' })
    await expect(group.member.createAsync(10)).rejects.toMatchObject({ code: 'DSM_NO_SPACE' })
    expect(refcnts(group)).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('createAsync redraws while the event loop turns, and others go on meanwhile', async () => {
    const group = stage.open()
    stage.faults.at('createAsync', 1, 'taken')
    const pending = group.member.createAsync(10)
    const other = group.member.create(20)!
    const made = (await pending)!
    expect(made.handle).not.toBe(other.handle)
    expect(
      segments(group.member)
        .map(({ size }) => size)
        .sort(),
    ).toEqual([10, 20])
  })

  test('all slots taken is null, and dead members’ slots are had back at once', () => {
    const group = stage.open()
    const doomed = stage.open()
    for (let n = 0; n < 6; n++) expect(doomed.member.create(10)).not.toBeNull()
    expect(group.member.create(10)).toBeNull()
    stage.die(doomed)
    expect(group.member.create(10)).not.toBeNull()
    expect(segments(group.member)).toHaveLength(1)
  })

  test('case 28: a slot that was given back is used again, first in, first out', () => {
    const group = stage.open()
    const first = group.member.create(10)!
    group.member.detach(first)
    expect(group.member.create(10)!.slot).toBe(1)
  })
})

describe('attach and detach', () => {
  test('case 57: a mapping that fails goes the whole way of a detach', () => {
    const maker = stage.open()
    const joiner = stage.open()
    const made = maker.member.create(10)!
    stage.faults.at('attach', 1, { errno: 'ENOMEM', verb: 'map' })
    expect(() => joiner.member.attach(made.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_NO_MEMORY' }),
    )
    expect(refcnts(maker)[made.slot]).toBe(2)
    expect(joiner.member.attach(made.handle)).not.toBeNull()
  })

  test('case 58: a failed attacher that is the last one out removes the segment', () => {
    const maker = stage.open()
    const joiner = stage.open()
    const made = maker.member.create(10)!
    stage.faults.at('attach', 1, {
      before: () => {
        maker.member.detach(made)
        expect(refcnts(maker)[made.slot]).toBe(2) // the joiner's reference came first
        throw new DsmError('DSM_NO_MEMORY', 'no room for a mapping', { op: 'map' })
      },
    })
    expect(() => joiner.member.attach(made.handle)).toThrow('no room')
    expect(refcnts(maker)[made.slot]).toBe(0)
    expect(stage.objects).toHaveLength(1)
  })

  test('case 54: attached twice is an error of the same member, not of another', () => {
    const maker = stage.open()
    const joiner = stage.open()
    const made = maker.member.create(10)!
    expect(() => maker.member.attach(made.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_ALREADY_ATTACHED' }),
    )
    expect(joiner.member.attach(made.handle)).not.toBeNull()
    expect(countReferences(maker.life.control, made.slot)).toBe(2)
  })

  test('case 62: a removal that fails is warned of, and a later sweep does it', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    stage.faults.at('destroy', 1, { errno: 'EIO', verb: 'remove' })
    group.member.detach(made)
    expect(stage.warnings).toMatchObject([{ message: expect.stringContaining('later sweep') }])
    expect(refcnts(group)[made.slot]).toBe(1)
    expect(group.member.attach(made.handle)).toBeNull()
    group.member.sweep()
    expect(refcnts(group)[made.slot]).toBe(0)
  })

  test('something foreign under a name of ours is left, with a warning, and the slot is free', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    stage.faults.at('destroy', 1, 'foreign')
    group.member.detach(made)
    expect(stage.warnings).toMatchObject([{ message: expect.stringContaining('not ours') }])
    expect(refcnts(group)[made.slot]).toBe(0)
    group.member.namespace.destroy(made.handle)
  })
})

describe('pins', () => {
  test('cases 76, 77 and 79: pinned, and not twice, a segment stays without members until unpinned', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    group.member.pin(made)
    expect(() => group.member.pin(made)).toThrow(
      expect.objectContaining({ code: 'DSM_ALREADY_PINNED' }),
    )
    group.member.detach(made)
    expect(segments(group.member)).toMatchObject([{ refcnt: 2, pinned: true }])
    group.member.unpin(made.handle)
    expect(segments(group.member)).toEqual([])
    expect(() => group.member.unpin(made.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_UNKNOWN_HANDLE' }),
    )
  })

  test('case 80: unpinning what is not pinned changes nothing', () => {
    const group = stage.open()
    const made = group.member.create(10)!
    expect(() => group.member.unpin(made.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_NOT_PINNED' }),
    )
    expect(segments(group.member)).toMatchObject([{ refcnt: 2 }])
  })
})

/** As a kill between the object and the record of its identity leaves a slot. */
function leaveHalfMade(group: ReturnType<LocalGroup['open']>, slot: number): void {
  const { control } = group.life
  control.words[control.extra(slot) + EXTRA.identity] = 0
  control.words[control.extra(slot) + EXTRA.owner] = group.member.token
  control.words[control.slot(slot) + SLOT.refcnt] = 1
}

describe('death', () => {
  test('the sweep takes a dead member’s references back and removes what only it had', () => {
    const group = stage.open()
    const doomed = stage.open()
    const shared = doomed.member.create(10)!
    doomed.member.create(20)
    const mine = group.member.attach(shared.handle)!
    stage.die(doomed)
    group.member.sweep()
    expect(segments(group.member)).toMatchObject([
      { handle: shared.handle, refcnt: 2, abandoned: 1 },
    ])
    expect(group.member.abandoned(mine)).toBe(1)
  })

  test('whoever joins over a dead entry takes it all back first', () => {
    const group = stage.open()
    const doomed = stage.open()
    doomed.member.create(20)
    stage.die(doomed)
    const next = stage.open()
    expect(next.member.index).toBe(doomed.member.index)
    expect(segments(group.member)).toEqual([])
  })

  test('dead with the lock in its hand: the next to take it recovers first', () => {
    const group = stage.open()
    const doomed = stage.open()
    doomed.member.create(20)
    doomed.member.section.begin()
    doomed.member.section.enter()
    stage.die(doomed)
    const made = group.member.create(10)!
    expect(segments(group.member)).toMatchObject([{ handle: made.handle }])
  })

  test('who joins over a dead owner of the lock is live before it lets go of what it adopted', () => {
    stage.open()
    const doomed = stage.open()
    const { control } = doomed.life
    const { slot } = doomed.member.create(20)!
    control.words[control.extra(slot) + EXTRA.owner] = doomed.member.token
    control.words[control.slot(slot) + SLOT.refcnt] = 1
    doomed.member.section.begin()
    doomed.member.section.enter()
    stage.die(doomed)
    const stores: number[] = []
    setStoreTrap(index => stores.push(index))
    const joiner = stage.open()
    setStoreTrap(null)
    const live = stores.lastIndexOf(control.member(joiner.member.index) + MEMBER.live)
    const freed = stores.lastIndexOf(control.slot(slot) + SLOT.refcnt)
    expect(live).toBeGreaterThan(0)
    expect(freed).toBeGreaterThan(live)
    expect(segments(joiner.member)).toEqual([])
  })

  test('a lock that a member took with it before it was live is found by the sweep', () => {
    const group = stage.open()
    const doomed = stage.open()
    const { control } = doomed.life
    doomed.member.section.begin()
    doomed.member.section.enter()
    control.words[control.member(doomed.member.index) + MEMBER.live] = 0
    stage.die(doomed)
    group.member.sweep()
    expect(control.words[control.lock]).toBe(0)
  })

  test('an object whose maker died before recording its identity goes on evidence', () => {
    const group = stage.open()
    const doomed = stage.open()
    const { slot } = doomed.member.create(30)!
    leaveHalfMade(doomed, slot)
    stage.die(doomed)
    group.member.sweep()
    expect(refcnts(group)[slot]).toBe(0)
    expect(stage.objects).toHaveLength(1)
  })

  test('half an identity, as a kill between its two words leaves it, is none', () => {
    const group = stage.open()
    const doomed = stage.open()
    const { control } = doomed.life
    const { slot } = doomed.member.create(30)!
    leaveHalfMade(doomed, slot)
    control.words[control.extra(slot) + EXTRA.identity + 1] = 77
    stage.die(doomed)
    group.member.sweep()
    expect(refcnts(group)[slot]).toBe(0)
    expect(stage.objects).toHaveLength(1)
  })

  test('without an identity, an object older than the record is a stranger’s and stays', () => {
    const group = stage.open()
    const doomed = stage.open()
    const { slot, handle } = doomed.member.create(30)!
    const { scope } = group.member.namespace
    group.member.namespace.destroy(handle)
    placeObject(scope, handle, { size: 30, createdAtMs: Date.now() - 3_600_000 })
    leaveHalfMade(doomed, slot)
    stage.die(doomed)
    group.member.sweep()
    expect(refcnts(group)[slot]).toBe(0)
    expect(stage.objects).toHaveLength(2)
    expect(stage.warnings).toMatchObject([{ message: expect.stringContaining('not ours') }])
  })
})
