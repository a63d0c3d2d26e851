/**
 * The tables at the end. They say what was measured, and say nothing better than it is.
 */
import Table from 'cli-table3'
import type { TogetherCount } from './count-together.js'
import type { HandOver } from './hand-over.js'
import type { Leftovers } from './leftovers.js'
import type { GroupPicture, Survival } from './survive.js'
import { duration, integer, mebibytes, ratio, size } from './units.js'

export interface BackendCount extends TogetherCount {
  readonly backend: string
  /** Null: the same as in one process. */
  readonly difference: string | null
}

export interface BackendSurvival extends Survival {
  readonly backend: string
  /** Null: the same as in one process. */
  readonly difference: string | null
}

const plain = { style: { head: [], border: [], compact: true } }

/** @param aloneMs how long one process took */
export function countTable(counts: readonly BackendCount[], aloneMs: number): string {
  const table = new Table({
    head: [
      'backend',
      'words',
      'distinct',
      'loaded',
      'counted',
      'merged',
      'result',
      'against one process',
    ],
    ...plain,
  })
  for (const { backend, result, loadMs, countMs, mergeMs, difference } of counts) {
    const times = [loadMs, countMs, mergeMs].map(duration)
    const verdict = difference === null ? 'the same' : 'WRONG'
    const gain = `${ratio(aloneMs / (countMs + mergeMs))} as fast`
    table.push([backend, integer(result[0]!), integer(result[1]!), ...times, verdict, gain])
  }
  return table.toString()
}

/** The group before a member was killed, and after: what it held is back. */
export function survivalTable(kills: readonly BackendSurvival[]): string {
  const table = new Table({
    head: ['killed halfway', 'members', 'references to the text', 'lock', 'known after', 'result'],
    ...plain,
  })
  for (const { backend, pid, before, after, announcedMs, difference } of kills) {
    const change = (of: (picture: GroupPicture) => number) => `${of(before)} → ${of(after)}`
    table.push([
      `${backend}: pid ${pid}`,
      change(picture => picture.members),
      change(picture => picture.references),
      `${lockOf(before)} → ${lockOf(after)}`,
      duration(announcedMs),
      difference === null ? 'the same' : 'WRONG',
    ])
  }
  return `${table.toString()}\n(its share was counted again by another member)`
}

const LOCK_TEXT = { held: 'held', free: 'free', recovered: 'taken over' } as const
const lockOf = ({ lock }: GroupPicture): string => LOCK_TEXT[lock]

export function topTable(top: TogetherCount['top']): string {
  const table = new Table({ head: ['', 'word', 'times'], colAligns: ['right'], ...plain })
  for (const [index, { word, count }] of top.entries()) {
    table.push([index + 1, word, { content: integer(count), hAlign: 'right' }])
  }
  return table.toString()
}

/** A gain below 1 is a loss: `process.send` is faster. */
export function handOverTable({ sizes, read }: HandOver): string {
  const table = new Table({
    head: [
      'handed to one process',
      'process.send',
      'handle',
      'gain',
      'handle, new segment + copy in',
      'gain',
    ],
    ...plain,
  })
  for (const { sizeBytes, sendMs, handleMs, fillMs } of sizes) {
    const whole = handleMs + fillMs
    table.push([
      size(sizeBytes),
      ...[sendMs, handleMs].map(duration),
      ratio(sendMs / handleMs),
      duration(whole),
      ratio(sendMs / whole),
    ])
  }
  const { sizeBytes, sendMs, handleMs, fillMs } = sizes.at(-1)!
  const sent = sendMs + read.copyMs
  const attached = handleMs + read.sharedMs
  table.push([
    `${size(sizeBytes)}, and every byte read`,
    ...[sent, attached].map(duration),
    ratio(sent / attached),
    duration(attached + fillMs),
    ratio(sent / (attached + fillMs)),
  ])
  return table.toString()
}

export function memoryTable({ memory, memberCount, sizes }: HandOver): string {
  const { shared, copies } = memory
  if (shared === null || copies === null) {
    return 'memory: not measured, this system has no /proc/<pid>/smaps_rollup'
  }
  const bytes = sizes.at(-1)!.sizeBytes
  const table = new Table({
    head: [`memory of parent and ${memberCount} members`, 'measured', 'of which text', 'gain'],
    ...plain,
  })
  table.push(
    ['one copy each', mebibytes(copies), `${memberCount + 1} × ${mebibytes(bytes)}`, ''],
    ['one segment for all', mebibytes(shared), mebibytes(bytes), ratio(copies / shared)],
  )
  const note =
    '(Pss, after a garbage collection in each process. The rest is Node and, with process.send,' +
    '\n what the C allocator keeps of the pieces in which a message arrives.)'
  return `${table.toString()}\n${note}`
}

export function leftoverLines({ ours, others, places }: Leftovers): string {
  const looked = `looked in ${places.join(', ')}`
  const foreign =
    others.length === 0 ? '' : `; ${others.length} dsm entries there are not of this run`
  if (ours.length === 0) return `left of this run on the machine: nothing (${looked}${foreign})`
  const heading = `left of this run on the machine (${looked}${foreign}):`
  return [heading, ...ours.map(path => `  ${path}`)].join('\n')
}
