/** Segments carved from the main region. */
import { PAGE_SIZE } from '@dsm/freepage'
import { resetLocal } from '@dsm/impl-local'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Attachment } from '../src/attachment.js'
import { readControlSegment } from '../src/control-view.js'
import { segments } from '../src/inspect.js'
import { B, EXTRA, SLOT } from '../src/layout.js'
import type { OpenedGroup } from '../src/open-group.js'
import { PageSet } from '../src/page-set.js'
import { LocalGroup } from './local-group.js'
import { seedFor } from './seed.js'

const MIB = 2 ** 20

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

const open = (size = MIB, maxSegments = 6): OpenedGroup =>
  stage.open({ mainRegionSize: size, maxSegments })

describe('a group with a main region', () => {
  test('has one object more, pinned in a slot of its own, that nobody sees or touches', () => {
    const group = open()
    expect(stage.objects).toHaveLength(2)
    expect(segments(group.member)).toEqual([])
    const { slots } = readControlSegment(group.life.mapping.buffer)
    const [slot] = slots.filter(({ refcnt }) => refcnt > 0)
    expect(slot).toMatchObject({ refcnt: 2, pinned: true })
    expect(slot!.handle % 2).toBe(0)
    expect(group.member.attach(slot!.handle)).toBeNull()
    expect(() => group.member.unpin(slot!.handle)).toThrow(
      expect.objectContaining({ code: 'DSM_UNKNOWN_HANDLE' }),
    )
  })

  test('case 43: 1 MiB gives 255 pages, and a segment of 256 goes to an object of its own', () => {
    const group = open()
    expect(group.member.region!.usage()).toEqual({ total: 255, free: 255, largest: 255 })
    const whole = group.member.create(255 * PAGE_SIZE)!
    expect(whole.handle % 2).toBe(1)
    group.member.detach(whole)
    expect(group.member.create(256 * PAGE_SIZE)!.handle % 2).toBe(0)
  })

  test('cases 44, 45 and 47: as long as was asked, zeroed, seen by the others, and given back', () => {
    const group = open()
    const other = stage.open()
    for (const size of [1, 4095, 4096, 5000, 16 * PAGE_SIZE, 17 * PAGE_SIZE + 1]) {
      const made = group.member.create(size)!
      expect(made.handle % 2).toBe(1)
      const bytes = new Uint8Array(made.mapping.buffer)
      expect(bytes.length).toBe(size)
      expect(bytes.every(byte => byte === 0)).toBe(true)
      bytes.fill(7)
      const theirs = other.member.attach(made.handle)!
      expect(new Uint8Array(theirs.mapping.buffer)).toEqual(bytes)
      other.member.detach(theirs)
      group.member.detach(made)
      expect(group.member.region!.usage()!.free).toBe(255)
    }
  })

  test('bytes written by one member before another asked for its buffer are not zeroed again', () => {
    const group = open()
    const other = stage.open()
    const made = group.member.create(100)!
    const theirs = other.member.attach(made.handle)!
    new Uint8Array(made.mapping.buffer).fill(9)
    expect(new Uint8Array(theirs.mapping.buffer)[99]).toBe(9)
  })

  test('a buffer first asked for after detach throws, one asked for before is empty', () => {
    const group = open()
    const untouched = group.member.create(10)!
    group.member.detach(untouched)
    expect(() => untouched.mapping.buffer).toThrow(
      expect.objectContaining({ code: 'DSM_DETACHED' }),
    )
    const touched = group.member.create(10)!
    const view = new Uint8Array(touched.mapping.buffer)
    group.member.detach(touched)
    expect(view.length).toBe(0)
  })

  test('case 46: create, attach and detach that never touch the buffer make no system call', () => {
    const group = open()
    const other = stage.open()
    const before = stage.faults.log.length
    const made = group.member.create(5000)!
    other.member.detach(other.member.attach(made.handle)!)
    group.member.detach(made)
    expect(stage.faults.log.length).toBe(before)
  })

  test('ownObject is never carved', () => {
    const group = open()
    expect(group.member.create(10, true)!.handle % 2).toBe(0)
  })

  test('what a dead member had in the region is had back by a create that finds no room', () => {
    const group = open()
    const doomed = stage.open()
    const all = doomed.member.create(200 * PAGE_SIZE)!
    expect(all.handle % 2).toBe(1)
    stage.die(doomed)
    expect(group.member.create(200 * PAGE_SIZE)!.handle % 2).toBe(1)
  })

  test('case 31: no slot left: no pages are taken, and the largest run is what it was', () => {
    const group = open(MIB, 3)
    group.member.create(10)
    group.member.create(10)
    expect(group.member.create(10)).toBeNull()
    expect(group.member.region!.usage()).toEqual({ total: 255, free: 253, largest: 253 })
  })

  test('handles of different slots never meet, and one slot repeats none for long', () => {
    for (const maxSegments of [1, 2, 5, 6, 64, 100]) {
      const group = open(MIB, maxSegments + 1)
      const seen = new Set<number>()
      for (let n = 0; n < 2_000; n++) {
        const made = group.member.create(10)!
        expect(seen.has(made.handle)).toBe(false)
        expect(((made.handle >>> 1) & (2 ** Math.ceil(Math.log2(maxSegments + 1)) - 1)) >>> 0).toBe(
          made.slot,
        )
        seen.add(made.handle)
        group.member.detach(made)
      }
      stage.leave(group)
    }
  })

  test('free pages that somebody scribbled over are a lost cache, and nothing else', () => {
    const group = open()
    const made = [1, 2, 3].map(() => group.member.create(PAGE_SIZE)!)
    group.member.detach(made[1]!)
    const { buffer } = group.member.region!.mapping
    const live = made.map(
      ({ slot }) => group.life.control.words[group.life.control.slot(slot) + SLOT.firstPage]!,
    )
    for (let page = 1; page < 256; page++) {
      if (page === live[0] || page === live[2]) continue
      new Uint8Array(buffer, page * PAGE_SIZE, PAGE_SIZE).fill(0xee)
    }
    group.member.detach(group.member.create(3 * PAGE_SIZE)!)
    group.member.detach(made[0]!)
    expect(group.member.region!.usage()!.free).toBe(254)
    expect(group.member.create(252 * PAGE_SIZE)!.handle % 2).toBe(1)
  })

  test('pages given back one by one serve a segment that needs them all', () => {
    const group = open(MIB, 300)
    const all = Array.from({ length: 255 }, () => group.member.create(1)!)
    expect(group.member.region!.usage()).toEqual({ total: 255, free: 0, largest: 0 })
    for (const made of all) group.member.detach(made)
    const whole = group.member.create(255 * PAGE_SIZE)!
    expect(whole.handle % 2).toBe(1)
    group.member.detach(whole)
    for (const made of [1, 2, 3].map(() => group.member.create(1)!)) group.member.detach(made)
    expect(group.member.region!.usage()).toEqual({ total: 255, free: 255, largest: 255 })
  })

  test('a page that a newcomer gives back, who trusts no tree yet, is nobody’s twice', () => {
    const group = open(MIB, 300)
    const made = group.member.create(1)!
    const newcomer = stage.open()
    const theirs = newcomer.member.attach(made.handle)!
    group.member.detach(made)
    newcomer.member.detach(theirs)
    const { control } = group.life
    const pages = Array.from({ length: 255 }, (_, n) => {
      const { slot } = (n % 2 === 0 ? group : newcomer).member.create(1)!
      return control.words[control.slot(slot) + SLOT.firstPage]!
    })
    expect(new Set(pages).size).toBe(255)
  })

  test('spare pages that somebody scribbled over are counted, or numbered, as nobody does', () => {
    const group = open()
    const { words } = group.life.control
    const spares = group.life.control.header(B.spareCount)
    for (const [count, page] of [
      [1, 0],
      [1, 256],
      [15, -1],
      [16, 1],
      [-1, 1],
      [2 ** 31 - 1, 1],
    ] as const) {
      words[spares] = count
      words.fill(page, spares + 1, spares + 16)
      const made = group.member.create(1)!
      expect(made.handle % 2).toBe(1)
      group.member.detach(made)
      const whole = group.member.create(255 * PAGE_SIZE)!
      expect(whole.handle % 2).toBe(1)
      group.member.detach(whole)
    }
  })

  test('two slots that name one page are corruption: the life is poisoned, not mended', () => {
    const group = open()
    const doomed = stage.open()
    const { control } = group.life
    const a = group.member.create(PAGE_SIZE)!
    const b = group.member.create(PAGE_SIZE)!
    control.words[control.slot(b.slot) + SLOT.firstPage] =
      control.words[control.slot(a.slot) + SLOT.firstPage]!
    stage.die(doomed)
    expect(() => group.member.sweep()).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
    expect(() => group.member.create(1)).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
  })

  test('a dead group’s carved segments need no removal; its region goes like any object', () => {
    const dead = open()
    dead.member.create(10)
    stage.die(dead)
    stage.open()
    expect(stage.objects).toHaveLength(1)
  })

  test('random segments of two members agree with a model, page by page', () => {
    const seed = seedFor('main region')
    const step = fc.tuple(fc.nat(1), fc.constantFrom('create', 'attach', 'detach'), fc.nat())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const members = [open(MIB, 12), stage.open()]
        const held: Attachment[][] = [[], []]
        for (const [who, what, pick] of steps) {
          const { member } = members[who]!
          const mine = held[who]!
          const theirs = held[1 - who]!
          if (what === 'create') {
            const made = member.create(1 + (pick % (40 * PAGE_SIZE)))
            if (made) mine.push(made)
          } else if (what === 'attach' && theirs.length > 0) {
            const { handle } = theirs[pick % theirs.length]!
            if (!mine.some(one => one.handle === handle)) mine.push(member.attach(handle)!)
          } else if (what === 'detach' && mine.length > 0) {
            member.detach(mine.splice(pick % mine.length, 1)[0]!)
          }
          expectAgreement(members, held)
        }
        for (const group of members) stage.leave(group)
      }),
      { seed, numRuns: 40 },
    )
  })
})

function expectAgreement(members: readonly OpenedGroup[], held: readonly Attachment[][]): void {
  const [{ member, life }] = members as [OpenedGroup]
  const live = new Map(held.flat().map(one => [one.handle, one]))
  const listed = segments(member)
  expect(listed.map(({ handle }) => handle).sort()).toEqual([...live.keys()].sort())
  let pages = 0
  for (const { handle, refcnt, size } of listed) {
    expect(refcnt).toBe(1 + held.flat().filter(one => one.handle === handle).length)
    if (handle % 2 === 1) pages += Math.ceil(size / PAGE_SIZE)
    expect(life.control.words[life.control.extra(live.get(handle)!.slot) + EXTRA.size]).toBe(size)
  }
  expect(member.region!.usage()!.free).toBe(255 - pages)
}

describe('PageSet', () => {
  test('agrees with a set of numbers, and its gaps are the complement', () => {
    const run = fc.tuple(fc.nat(330), fc.integer({ min: 1, max: 100 }))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(run), (limit, runs) => {
        const pages = new PageSet(limit)
        const model = new Set<number>()
        for (const [first, count] of runs) {
          const wanted = Array.from({ length: count }, (_, n) => first + n)
          const fits = wanted.every(page => page < limit && !model.has(page))
          if (!fits) continue
          expect(pages.add(first, count)).toBe(true)
          for (const page of wanted) model.add(page)
        }
        expect(pages.size).toBe(model.size)
        const free = new Set<number>()
        pages.eachGap((first, count) => {
          for (let n = 0; n < count; n++) free.add(first + n)
        })
        for (let page = 0; page < limit; page++) expect(free.has(page)).toBe(!model.has(page))
        for (const page of model) expect(pages.add(page, 1)).toBe(false)
        expect(pages.add(limit, 1)).toBe(false)
        expect(pages.add(0, limit + 1)).toBe(false)
      }),
      { seed: seedFor('page sets') },
    )
  })
})
