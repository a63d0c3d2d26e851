/** The two indexes against models, and their rebuilding. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { carvedHandle } from '../src/carved-handle.js'
import type { ControlSegment } from '../src/control-segment.js'
import { SLOT } from '../src/layout.js'
import {
  enterSlot,
  findLive,
  findSlot,
  giveFreeSlot,
  rebuildIndexes,
  removeSlot,
  takeFreeSlot,
} from '../src/slot-index.js'
import { plainControl } from './plain-control.js'
import { seedFor } from './seed.js'

const isCarved = (handle: number): boolean => handle % 2 === 1

const occupy = (control: ControlSegment, slot: number, handle: number): void => {
  control.words[control.slot(slot) + SLOT.handle] = handle | 0
  control.words[control.slot(slot) + SLOT.refcnt] = 2
  if (!isCarved(handle)) enterSlot(control, slot)
}

const vacate = (control: ControlSegment, slot: number): void => {
  if (!isCarved(control.words[control.slot(slot) + SLOT.handle]! >>> 0)) removeSlot(control, slot)
  control.words[control.slot(slot) + SLOT.refcnt] = 0
  giveFreeSlot(control, slot)
}

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('take'), pick: fc.nat(0xffff_ffff) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('give'), pick: fc.nat(0xffff_ffff) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild'), pick: fc.constant(0) }) },
  ),
  { maxLength: 120 },
)

describe('the indexes of slots', () => {
  test('agree with a map of handles and a queue of free slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (maxSegments, sequence) => {
        const control = plainControl({ maxSegments })
        const taken = new Map<number, number>()
        let free = Array.from({ length: maxSegments }, (_, slot) => slot)
        for (const { kind, pick } of sequence) {
          if (kind === 'rebuild') {
            rebuildIndexes(control)
            free = [...free].sort((a, b) => a - b)
          } else if (kind === 'take') {
            const slot = takeFreeSlot(control)
            expect(slot).toBe(free.shift() ?? -1)
            if (slot < 0) continue
            const wanted = isCarved(pick) ? carvedHandle(control, slot, pick >>> 9) >>> 0 : pick
            if (taken.has(wanted)) {
              free = [slot, ...free]
              rebuildIndexes(control)
              free.sort((a, b) => a - b)
              continue
            }
            taken.set(wanted, slot)
            occupy(control, slot, wanted)
          } else if (taken.size > 0) {
            const [handle, slot] = [...taken][pick % taken.size]!
            taken.delete(handle)
            vacate(control, slot)
            free.push(slot)
          }
          for (const [handle, slot] of taken) expect(findSlot(control, handle)).toBe(slot)
        }
      }),
      { seed: seedFor('slot indexes'), numRuns: 300 },
    )
  })

  test('a handle that nobody bears is not found', () => {
    const control = plainControl()
    occupy(control, takeFreeSlot(control), 0x8000_0002)
    expect(findSlot(control, 2)).toBe(-1)
    expect(findSlot(control, 0x8000_0002)).toBe(0)
  })

  test('a slot of the main region is found by its handle alone, live while it is in use', () => {
    const control = plainControl({ maxSegments: 5 })
    for (const [slot, uses] of [0, 1, 2, 3, 4].map(slot => [slot, 1000 + slot] as const)) {
      const handle = carvedHandle(control, slot, uses) >>> 0
      expect(findSlot(control, handle)).toBe(-1)
      occupy(control, slot, handle)
      expect(findSlot(control, handle)).toBe(slot)
      expect(findSlot(control, carvedHandle(control, slot, uses + 1))).toBe(-1)
    }
    expect(findSlot(control, carvedHandle(control, 5, 0))).toBe(-1)
    expect(findSlot(control, carvedHandle(control, 7, 1))).toBe(-1)
    const last = carvedHandle(control, 3, 1003)
    expect(findLive(control, last)).toBe(3)
    vacate(control, 3)
    expect(findLive(control, last)).toBe(-1)
  })

  test('a ring of links, as corruption makes them, is walked no further than there are slots', () => {
    const control = plainControl({ maxSegments: 2 })
    const { words, geometry: g } = control
    occupy(control, 0, 6)
    words[control.extra(0) + 10] = 1
    for (let bucket = 0; bucket < g.bucketCount; bucket++) words[g.buckets + bucket] = 1
    expect(findSlot(control, 12345)).toBe(-1)
  })

  test('10,000 slots: each is found, and all can be taken', () => {
    const control = plainControl({ maxSegments: 10_000 })
    for (let n = 0; n < 10_000; n++) occupy(control, takeFreeSlot(control), (n + 1) * 2)
    expect(takeFreeSlot(control)).toBe(-1)
    for (let n = 0; n < 10_000; n++) expect(findSlot(control, (n + 1) * 2)).toBe(n)
  })
})
