/**
 * Operations cut between any two of their stores while their member lives on, as a `vm` timeout or
 * an overflow of the stack cuts them: no `finally` of ours may be needed. The member's next
 * operation, and everybody else's, must go on as if the cut one had not begun or had been whole.
 */
import { FreePageManager } from '@dsm/freepage'
import { resetLocal } from '@dsm/impl-local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Attachment } from '../src/attachment.js'
import type { ControlSegment } from '../src/control-segment.js'
import { type SegmentInfo, segments } from '../src/inspect.js'
import { B, SLOT } from '../src/layout.js'
import type { MainRegion } from '../src/main-region.js'
import type { OpenedGroup } from '../src/open-group.js'
import { countReferences, isPinned } from '../src/references.js'
import { setStoreTrap } from '../src/shared-words.js'
import { LocalGroup } from './local-group.js'

class Cut extends Error {}

interface Scene {
  readonly mine: OpenedGroup
  readonly other: OpenedGroup
  /** Attached by both. */
  readonly shared: Attachment
  /** Attached by the member that is cut, only. */
  readonly own: Attachment
  /** Attached by the other one only. */
  readonly theirs: Attachment
}

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

let mainRegionSize: number | undefined
/** Bytes of what `create` makes: more than 16 pages are zeroed while being made. */
let createdSize: number

function build(): Scene {
  const mine = stage.open({ mainRegionSize })
  const other = stage.open()
  const shared = mine.member.create(10)!
  other.member.attach(shared.handle)
  const own = mine.member.create(20)!
  const theirs = other.member.create(30)!
  return { mine, other, shared, own, theirs }
}

const OPERATIONS: Readonly<Record<string, (scene: Scene) => unknown>> = {
  create: ({ mine }) => mine.member.create(createdSize),
  attach: ({ mine, theirs }) => mine.member.attach(theirs.handle),
  'detach, others attached': ({ mine, shared }) => mine.member.detach(shared),
  'detach, the last one out': ({ mine, own }) => mine.member.detach(own),
  pin: ({ mine, own }) => mine.member.pin(own),
  'unpin what others have': ({ mine, other, theirs }) => {
    untrapped(() => isPinned(other.life.control, theirs.slot) || other.member.pin(theirs))
    mine.member.unpin(theirs.handle)
  },
  sweep: ({ mine }) => mine.member.sweep(),
  'signing off': ({ mine }) => mine.member.signOff(),
}

function untrapped(work: () => void): void {
  const trap = setStoreTrap(null)
  work()
  setStoreTrap(trap)
}

/** Runs the operation, cut before its n-th store. False: it has fewer. */
function cutAt(nth: number, work: () => unknown): boolean {
  let left = nth
  setStoreTrap(() => {
    if (left-- === 0) throw new Cut()
  })
  try {
    work()
    return false
  } catch (error) {
    if (!(error instanceof Cut)) throw error
    return true
  } finally {
    setStoreTrap(null)
  }
}

/** Every page that the tree gives, taken from a copy of the region, and those beside it. */
function freePagesOf(region: MainRegion, control: ControlSegment): number[] {
  const tree = FreePageManager.open(region.mapping.buffer.slice(0))
  tree.check()
  const spares = control.header(B.spareCount)
  const pages = [...control.words.slice(spares + 1, spares + 1 + control.words[spares]!)]
  for (let page = tree.get(1); page !== null; page = tree.get(1)) pages.push(page)
  return pages.sort((a, b) => a - b)
}

/** Every page that no slot names. */
function complementOf(region: MainRegion, control: ControlSegment): number[] {
  const used = new Set<number>()
  for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
    const at = control.slot(slot)
    if (control.words[at + SLOT.refcnt] === 0) continue
    if (control.words[at + SLOT.handle]! % 2 === 0) continue
    const first = control.words[at + SLOT.firstPage]!
    for (let n = 0; n < control.words[at + SLOT.npages]!; n++) used.add(first + n)
  }
  const total = region.usage()!.total
  return Array.from({ length: total }, (_, n) => n + 1).filter(page => !used.has(page))
}

/** Counts agree with bits and pins in every slot, and the lock is free. */
function expectConsistent({ other }: Scene): void {
  const { control } = other.life
  expect(control.words[control.lock]! & 0x7fff_ffff).toBe(0)
  const { region } = other.member
  if (region) expect(freePagesOf(region, control)).toEqual(complementOf(region, control))
  for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
    const refcnt = control.words[control.slot(slot) + SLOT.refcnt]!
    if (refcnt === 0) expect(countReferences(control, slot)).toBe(0)
    else {
      const kept = countReferences(control, slot) + (isPinned(control, slot) ? 1 : 0)
      expect(refcnt).toBe(1 + kept)
      expect(kept, 'half-done slots were finished').toBeGreaterThan(0)
    }
  }
}

const sizes = (list: readonly SegmentInfo[]): number[] => list.map(({ size }) => size).sort()

const GROUNDS = {
  'objects of their own': { region: undefined, size: 40 },
  'the main region, few pages': { region: 1 << 20, size: 40 },
  'the main region, many pages': { region: 1 << 20, size: 100_000 },
} as const
type Ground = keyof typeof GROUNDS

const everywhere = (Object.keys(GROUNDS) as Ground[]).flatMap(ground =>
  Object.keys(OPERATIONS).map(name => [ground, name] as const),
)

describe.each(everywhere)('%s: %s', (ground, name) => {
  beforeEach(() => {
    mainRegionSize = GROUNDS[ground].region
    createdSize = GROUNDS[ground].size
  })

  test('cut before any of its stores, the member mends it in its next operation', () => {
    for (let nth = 0; ; nth++) {
      const scene = build()
      const cut = cutAt(nth, () => OPERATIONS[name]!(scene))
      const made = scene.mine.member.create(50) // the next operation
      expect(made).not.toBeNull()
      expectConsistent(scene)
      expect(sizes(segments(scene.other.member))).toContain(30)
      expect(sizes(segments(scene.other.member))).toContain(10)
      stage.leave(scene.mine)
      stage.leave(scene.other)
      expect(stage.objects).toEqual([])
      if (!cut) {
        if (name !== 'sweep') expect(nth).toBeGreaterThan(0)
        return
      }
    }
  })

  test('cut before any of its stores, the member’s sweep mends it and others go on', () => {
    for (let nth = 0; ; nth++) {
      const scene = build()
      const cut = cutAt(nth, () => OPERATIONS[name]!(scene))
      scene.mine.member.sweep()
      expectConsistent(scene)
      expect(scene.other.member.create(60)).not.toBeNull()
      stage.leave(scene.other)
      stage.leave(scene.mine)
      expect(stage.objects).toEqual([])
      if (!cut) return
    }
  })

  test('killed before any of its stores, the other member recovers', () => {
    for (let nth = 0; ; nth++) {
      const scene = build()
      const cut = cutAt(nth, () => OPERATIONS[name]!(scene))
      stage.die(scene.mine)
      scene.other.member.sweep()
      expectConsistent(scene)
      const left = sizes(segments(scene.other.member))
      expect(left.filter(size => size !== 20)).toEqual([10, 30])
      expect(left.includes(20), 'kept only if its pin was stored').toBe(
        name === 'pin' && left.includes(20),
      )
      stage.leave(scene.other)
      expect(stage.objects).toEqual([])
      if (!cut) return
    }
  })
})
