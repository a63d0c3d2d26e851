/**
 * Handing bytes to other processes in both ways, measured: by handle (they attach the segment), and
 * by `process.send` with advanced serialisation (they get a copy). Both ways the same processes do
 * the same: have the bytes, say so, add all of them up. One hand-over at a time, on a quiet machine
 * if you give it one; no figure is left out because it is unfavourable.
 */
import type { Dsm, Segment } from '@dsm/core'
import { Crew } from './crew.js'
import { createSegment, inGroup } from './groups.js'
import { collectGarbage, memoryTogether } from './memory.js'
import type { Backend } from './options.js'
import { sumOf } from './sum.js'
import { loadText, type TextSource } from './text-source.js'
import { median } from './units.js'

/** Medians in milliseconds, from asking to "I have it". */
export interface SizeTimes {
  readonly sizeBytes: number
  /** The bytes are in a segment already: sending its handle, attaching it. */
  readonly handleMs: number
  /** Making a segment and copying the bytes in: for bytes that come from elsewhere. */
  readonly fillMs: number
  readonly sendMs: number
}

export interface HandOver {
  readonly memberCount: number
  /** Joining a group, which each process does once. */
  readonly joinMs: number
  readonly sizes: readonly SizeTimes[]
  /** Then reading every byte for the first time, of the largest size. */
  readonly read: { readonly sharedMs: number; readonly copyMs: number }
  /** Bytes of all processes, each having the largest size; null where the kernel does not tell. */
  readonly memory: { readonly shared: number | null; readonly copies: number | null }
}

interface OneWay {
  readonly haveMs: number[]
  readonly readMs: number
  readonly memory: number | null
  readonly sum: number
}

interface ByHandle extends OneWay {
  readonly joinMs: number
  readonly fillMs: number[]
}

const SMALL_SIZES_BYTES = [2 ** 10, 2 ** 16, 2 ** 20]
const SMALL_ROUNDS = 30
const LARGE_ROUNDS = 3
/** Of a larger text only the beginning is handed over: the copies are to fit. */
const LARGE_SIZE_BYTES_MAX = 2 ** 28

/** @throws if the members did not get the same bytes both ways */
export async function compareHandOver(
  backend: Backend,
  source: TextSource,
  memberCount: number,
): Promise<HandOver> {
  const largest = Math.min(source.sizeBytes, LARGE_SIZE_BYTES_MAX)
  const sizes = [...SMALL_SIZES_BYTES.filter(size => size < largest), largest]
  const shared = await byHandle(backend, source, memberCount, sizes)
  const copies = await bySend(source, memberCount, sizes)
  if (shared.sum !== copies.sum) throw new Error('the bytes handed over are not the same both ways')
  return {
    memberCount,
    joinMs: shared.joinMs,
    sizes: sizes.map((sizeBytes, index) => ({
      sizeBytes,
      handleMs: shared.haveMs[index]!,
      fillMs: shared.fillMs[index]!,
      sendMs: copies.haveMs[index]!,
    })),
    read: { sharedMs: shared.readMs, copyMs: copies.readMs },
    memory: { shared: shared.memory, copies: copies.memory },
  }
}

function byHandle(
  backend: Backend,
  source: TextSource,
  memberCount: number,
  sizes: readonly number[],
): Promise<ByHandle> {
  return inGroup(backend, 'hand-over', async dsm => {
    const text = createSegment(dsm, sizes.at(-1)!)
    loadText(source, text.bytes)
    return Crew.employ(memberCount, async crew => {
      const joinMs = median(await eachInTurn(crew, 'join', () => ({ group: dsm.name })))
      const haveMs: number[] = []
      const fillMs: number[] = []
      for (const sizeBytes of sizes) {
        const rounds = sizeBytes === text.size ? LARGE_ROUNDS : SMALL_ROUNDS
        const times = await fillAndAttach(dsm, crew, text.bytes.subarray(0, sizeBytes), rounds)
        haveMs.push(times.haveMs)
        fillMs.push(times.fillMs)
      }
      const { handle } = text
      haveMs[haveMs.length - 1] = median(await eachInTurn(crew, 'attach', () => ({ handle })))
      return { joinMs, haveMs, fillMs, ...(await readAndMeasure(crew)) }
    })
  })
}

async function fillAndAttach(dsm: Dsm, crew: Crew, bytes: Uint8Array, rounds: number) {
  const haveMs: number[] = []
  const fillMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const segment: Segment = createSegment(dsm, bytes.length)
    segment.bytes.set(bytes)
    fillMs.push(performance.now() - start)
    haveMs.push(await timed(() => crew.ask(0, 'attach', { handle: segment.handle })))
    await crew.ask(0, 'drop', {})
    segment.detach()
  }
  return { haveMs: median(haveMs), fillMs: median(fillMs) }
}

async function bySend(
  source: TextSource,
  memberCount: number,
  sizes: readonly number[],
): Promise<OneWay> {
  const text = new Uint8Array(sizes.at(-1)!)
  loadText(source, text)
  return Crew.employ(memberCount, async crew => {
    const haveMs: number[] = []
    for (const sizeBytes of sizes.slice(0, -1)) {
      const times: number[] = []
      for (let round = 0; round < SMALL_ROUNDS; round++) {
        const bytes = text.subarray(0, sizeBytes)
        times.push(await timed(() => crew.ask(0, 'keep', { bytes })))
        await crew.ask(0, 'drop', {})
      }
      haveMs.push(median(times))
    }
    haveMs.push(median(await eachInTurn(crew, 'keep', () => ({ bytes: text }))))
    const measured = await readAndMeasure(crew)
    // Last, so that the parent's copy is there while memory is measured.
    if (measured.sum !== memberCount * sumOf(text)) throw new Error('the copies are not the text')
    return { haveMs, ...measured }
  })
}

/** When all members have the largest size. */
async function readAndMeasure(crew: Crew) {
  const readMs: number[] = []
  let sum = 0
  for (let index = 0; index < crew.size; index++) {
    const start = performance.now()
    const answer = await crew.ask(index, 'sum', {})
    readMs.push(performance.now() - start)
    sum += answer.sum
  }
  await crew.askAll('collect', () => ({}))
  await collectGarbage()
  const memory = memoryTogether([process.pid, ...crew.pids])
  return { readMs: median(readMs), sum, memory }
}

/** Milliseconds of each. */
async function eachInTurn<K extends 'join' | 'attach' | 'keep'>(
  crew: Crew,
  kind: K,
  ask: () => Parameters<typeof crew.ask<K>>[2],
): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < crew.size; index++) {
    times.push(await timed(() => crew.ask(index, kind, ask())))
  }
  return times
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await task()
  return performance.now() - start
}
