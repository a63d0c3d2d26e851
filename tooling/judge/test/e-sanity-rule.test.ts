/**
 * The sanity rule: control segments that are wrong in one place are given to a server's start-up
 * code. It removes what a sane one names, and leaves an insane one alone; `readControlSegment` must
 * call sane what it removed, and must see the slots that it saw.
 */
import { randomInt } from 'node:crypto'
import { readControlSegment } from '@dsm/control'
import { expect } from 'vitest'
import { nameOf, objectSlots } from './support/agreement.js'
import { useJudge } from './support/judge.js'
import { judged } from './support/programs.js'
import type { Server } from './support/server.js'

const { judge, seal } = useJudge()

const SLOTS = 4
const newHandle = (): number => randomInt(1, 2 ** 31) * 2

interface Case {
  readonly why: string
  readonly bytes: Uint8Array
}

/** PostgreSQL's layout by hand: four slots, with 2, 0, 1 and 3 references. */
function segment(handles: readonly number[], length = 16 + 40 * SLOTS): DataView {
  const view = new DataView(new ArrayBuffer(length))
  ;[0x9a503d32, SLOTS, SLOTS].forEach((word, n) => {
    view.setUint32(4 * n, word, true)
  })
  handles.forEach((handle, slot) => {
    view.setUint32(16 + 40 * slot, handle, true)
    view.setUint32(20 + 40 * slot, [2, 0, 1, 3][slot]!, true)
  })
  return view
}

const WORDS = { magic: 0, nitems: 4, maxitems: 8 } as const

function cases(handles: readonly number[]): Case[] {
  const whole = () => segment(handles)
  const bytesOf = ({ buffer }: DataView): Uint8Array => new Uint8Array(buffer as ArrayBuffer)
  const withWord = (word: keyof typeof WORDS, value: number): Case => {
    const view = whole()
    view.setUint32(WORDS[word], value, true)
    return { why: `${word} ${value}`, bytes: bytesOf(view) }
  }
  const ofLength = (length: number): Case => ({
    why: `${length} bytes`,
    bytes: bytesOf(whole()).slice(0, length),
  })
  const flipped = Array.from({ length: 12 }, () => {
    const bytes = bytesOf(whole())
    const bit = randomInt(0, 96)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    return { why: `bit ${bit}`, bytes }
  })
  return [
    { why: 'nothing wrong', bytes: bytesOf(whole()) },
    withWord('magic', 0),
    withWord('nitems', 0),
    withWord('nitems', SLOTS - 1),
    withWord('nitems', SLOTS + 1),
    withWord('nitems', 2 ** 32 - 1),
    withWord('maxitems', SLOTS - 1),
    withWord('maxitems', SLOTS + 1),
    withWord('maxitems', 2 ** 32 - 1),
    withWord('maxitems', 107_374_183), // × 40 is 2^32 + 24: it must not wrap round
    { why: 'longer than needed', bytes: bytesOf(segment(handles, 5000)) },
    ...[0, 1, 15, 16, 16 + 40 * SLOTS - 1].map(ofLength),
    ...flipped,
  ]
}

/** Gives a case to a dead server, starts it, and says what it removed. */
async function judgedBy(server: Server, { bytes }: Case, handles: readonly number[]) {
  const control = newHandle()
  const victims = handles.map(handle => nameOf('posix', handle))
  const name = nameOf('posix', control)
  for (const victim of victims) await server.steward.call('plant', victim, Buffer.from('victim'))
  await server.steward.call('plant', name, bytes)
  await server.setControlHandle(control)
  await server.start()
  const there = (await server.objects()).map(found => found.name)
  const removed = handles.filter((_, slot) => !there.includes(victims[slot]!))
  const sane = !there.includes(name)
  await server.kill()
  await server.clean()
  const stay = [...victims, name].filter(each => there.includes(each))
  for (const each of stay) await server.steward.call('remove', each)
  return { sane, removed }
}

judged('PostgreSQL and readControlSegment agree on what is a control segment', async () => {
  const server = await judge().server()
  await server.start('posix')
  await server.kill()
  await server.clean()
  const handles = Array.from({ length: SLOTS }, newHandle)
  const verdicts: string[] = []
  for (const each of cases(handles)) {
    const theirs = await judgedBy(server, each, handles)
    const ours = {
      sane: readControlSegment(each.bytes).sane,
      removed: objectSlots(each.bytes).map(({ handle }) => handle),
    }
    expect(ours, each.why).toEqual(theirs)
    verdicts.push(theirs.sane ? 'sane' : 'insane')
  }
  const count = (verdict: string): number => verdicts.filter(each => each === verdict).length
  expect(count('sane')).toBeGreaterThanOrEqual(4)
  expect(count('insane')).toBeGreaterThanOrEqual(10)
  console.log(
    `sanity: ${verdicts.length} control segments, ${count('sane')} sane and ` +
      `${count('insane')} not, for PostgreSQL and for us`,
  )
})

seal()
