/**
 * Control images that nobody of us wrote: a sound one with something done to it. Fields are found
 * by area (header, slots, members, …), as every word of an area is a field of some entry; what is
 * put there is what a reader might trust. It judges nothing. The choices are the random numbers';
 * handles, which the library draws itself, differ from run to run.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import type { OpenedGroup } from '@dsm/control'
import type { Random } from '../../random.js'

export type Geometry = OpenedGroup['life']['control']['geometry']

/** The sound image and what a field-aware hand knows of it. */
export interface Original {
  readonly words: Int32Array
  readonly geometry: Geometry
  /** Handles worth naming: of the control segment, of something foreign. */
  readonly handles: readonly number[]
}

export interface Image {
  readonly bytes: Uint8Array
  /** What was done, for a message. */
  readonly what: string
}

interface Area {
  readonly name: string
  readonly from: number
  readonly to: number
}

function areasOf({ geometry, words }: Original): Area[] {
  const g = geometry
  const starts: [string, number][] = [
    ['header', 0],
    ['slots', 4],
    ['part B header', g.partB],
    ['members', g.members],
    ['references', g.refs],
    ['extras', g.extra],
    ['names', g.names],
    ['buckets', g.buckets],
    ['name buckets', g.nameBuckets],
  ]
  return starts.map(([name, from], at) => ({ name, from, to: starts[at + 1]?.[1] ?? words.length }))
}

const EDGES = [0, 1, 2, 3, -1, -2, 0x7fff_ffff, -0x8000_0000, 0xffff, 0x1_0000, 1023, 1024, 0x100]

function fieldValue(original: Original, now: number, area: Area, random: Random): number {
  const { words, geometry, handles } = original
  const { maxSegments, maxMembers, sizeBytes } = geometry
  const sizes = [maxSegments, maxMembers, sizeBytes, words.length]
  const choices = [
    () => random.pick(EDGES)!,
    () => now + 1,
    () => now - 1,
    () => ~now,
    () => random.pick(sizes)! + random.below(3) - 1,
    () => words[area.from + random.below(area.to - area.from)]!,
    () => words[random.below(words.length)]!,
    () => random.pick(handles)!,
    () => random.next(),
  ]
  return random.pick(choices)!() | 0
}

type Change = (words: Int32Array, original: Original, random: Random) => string

function changeFields(words: Int32Array, original: Original, random: Random): string {
  const areas = areasOf(original)
  const told: string[] = []
  for (let left = random.oneIn(3) ? 1 + random.below(12) : 1; left > 0; left--) {
    const area = random.pick(areas)!
    const at = area.from + random.below(area.to - area.from)
    const value = fieldValue(original, words[at]!, area, random)
    words[at] = value
    told.push(`${area.name}[${at - area.from}] = ${value}`)
  }
  return told.join(', ')
}

function flipBits(words: Int32Array, _original: Original, random: Random): string {
  const told: string[] = []
  for (let left = random.magnitude(1, 64); left > 0; left--) {
    const at = random.below(words.length)
    const bit = random.below(32)
    words[at]! ^= 1 << bit
    told.push(`${at}.${bit}`)
  }
  return `bits flipped: ${told.join(' ')}`
}

function changeLayout(words: Int32Array, { geometry }: Original, random: Random): string {
  const layout = random.pick([0, 2, 3, -1, random.next() | 0])!
  words[geometry.partB + 1] = layout
  if (random.oneIn(2)) words[geometry.partB + 4 + random.below(2)] = random.next() | 0
  return `layout ${layout}`
}

function changeMagic(words: Int32Array, { geometry }: Original, random: Random): string {
  const at = random.pick([0, geometry.partB])!
  words[at] = random.pick([0, ~words[at]!, 0x9a503d32 | 0, 0x426d7364, random.next() | 0])!
  return `magic at ${at} = ${words[at]}`
}

function fillArea(words: Int32Array, original: Original, random: Random): string {
  const area = random.pick(areasOf(original))!
  const same = random.pick([0, -1, 1, null])!
  for (let at = area.from; at < area.to; at++) words[at] = same ?? random.next() | 0
  return `${area.name} filled with ${same ?? 'random words'}`
}

function randomBytes(words: Int32Array, original: Original, random: Random): string {
  for (let at = 0; at < words.length; at++) words[at] = random.next() | 0
  if (random.oneIn(2)) words.set(original.words.subarray(0, 4))
  return 'random words'
}

/** As a server of PostgreSQL has it: the first part and nothing behind it that we know. */
function postgres(words: Int32Array, { geometry }: Original, random: Random): string {
  for (let at = geometry.partB; at < words.length; at++) words[at] = 0
  for (let at = 4; at < geometry.partB; at++) {
    if (random.oneIn(4)) words[at] = random.oneIn(2) ? random.below(4) : random.next() | 0
  }
  return 'a segment of PostgreSQL'
}

const STRANGER_BYTES_MAX = 1 << 20
let stranger: Int32Array | null = null

/** Some of this very executable. */
function foreignFile(words: Int32Array, _original: Original, random: Random): string {
  stranger ??= readWords(process.execPath)
  const from = random.below(stranger.length - words.length)
  words.set(stranger.subarray(from, from + words.length))
  return `another file, from word ${from} on`
}

function readWords(path: string): Int32Array {
  const bytes = new Uint8Array(STRANGER_BYTES_MAX)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes)
  } finally {
    closeSync(file)
  }
  return new Int32Array(bytes.buffer)
}

function zero(words: Int32Array): string {
  words.fill(0)
  return 'zeroed'
}

const CHANGES: readonly Change[] = [
  ...Array<Change>(9).fill(changeFields),
  flipBits,
  flipBits,
  changeLayout,
  changeMagic,
  fillArea,
  randomBytes,
  postgres,
  foreignFile,
  zero,
]

/** In place, into words that hold the sound image. Returns what was done. */
export const corrupt: Change = (words, original, random) =>
  random.pick(CHANGES)!(words, original, random)

/** A private image, which may also be shorter or longer than it should be, or sound. */
export function corruptImage(original: Original, random: Random): Image {
  const words = original.words.slice()
  const what = random.oneIn(16) ? 'unchanged' : corrupt(words, original, random)
  const bytes = new Uint8Array(words.buffer)
  if (!random.oneIn(6)) return { bytes, what }
  const length = random.oneIn(2)
    ? random.below(bytes.length)
    : bytes.length + random.magnitude(1, 4096)
  const resized = new Uint8Array(length)
  resized.set(bytes.subarray(0, length))
  return { bytes: resized, what: `${what}; ${length} bytes instead of ${bytes.length}` }
}

/** One word of a mapped segment, wrong for an instant or for good. For who scribbles in it. */
export function scribble(words: Int32Array, original: Original, random: Random): void {
  const area = random.pick(areasOf(original))!
  const at = area.from + random.below(area.to - area.from)
  const sound = original.words[at]!
  Atomics.store(words, at, fieldValue(original, sound, area, random))
  for (let pause = random.below(200); pause > 0; pause--) Atomics.load(words, at)
  if (!random.oneIn(8)) Atomics.store(words, at, sound)
}
