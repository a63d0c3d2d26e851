/**
 * Holds a server's control segment, as `readControlSegment` reads it, against what the kernel says
 * that its processes have mapped. The two know nothing of each other: they agree or one is wrong.
 */
import { readControlSegment, type SlotView } from '@dsm/control'
import { isMainRegionHandle } from '@dsm/impl'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import { expect } from 'vitest'
import type { Kind, Look } from './server.js'

const SCOPE = { dir: '/', nonce: 'a'.repeat(13), options: {} }
const postgres = posix({ namePrefix: '/PostgreSQL.' }).open(SCOPE)
const systemV = sysv().open(SCOPE)

/** Our own mechanisms' names, where they have the server's. */
export function nameOf(kind: Kind, handle: number): string {
  if (kind === 'mmap') return `mmap.${handle}`
  return (kind === 'posix' ? postgres : systemV).osName(handle)
}

/** Slots that name an object of the operating system. */
export const objectSlots = (control: Uint8Array): SlotView[] =>
  readControlSegment(control).slots.filter(
    ({ handle, refcnt }) => refcnt !== 0 && !isMainRegionHandle(handle),
  )

/** By name: how many processes have it mapped. The control segment is left out. */
function mappers(look: Look): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, names] of look.maps) {
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  counts.delete(look.controlName)
  return counts
}

/** Every process maps what the slots say, no more, and every slot's object is there. */
export function expectAgreement(kind: Kind, look: Look): void {
  const slots = objectSlots(look.control)
  const expected = slots.map(
    ({ handle, refcnt, pinned }) => [nameOf(kind, handle), refcnt - 1 - Number(pinned)] as const,
  )
  const mapped = mappers(look)
  expect(Object.fromEntries(mapped)).toEqual(
    Object.fromEntries(expected.filter(([, count]) => count > 0)),
  )
  expect(new Set(expected.map(([name]) => name)).size).toBe(slots.length)
  const there = new Set(look.objects.map(({ name }) => name))
  expect(expected.filter(([name]) => !there.has(name))).toEqual([])
  expect(there).toContain(look.controlName)
}
