/** The members and the segments of a life, as tables. Members are meant by their index: `#3`. */
import type { LifeContent, MemberInfo, SegmentView } from '@dsm/control'
import { describeProcess } from '@dsm/lwlock'
import type { Console } from '../console.js'
import { formatAge, formatBytes, formatHandle, printable } from './format.js'
import { keyOf } from './page-map.js'
import { table } from './table.js'

const SEGMENTS = [
  { title: '' },
  { title: 'HANDLE', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'REFS', align: 'right', rank: 3 },
  { title: 'STATE', rank: 2 },
  { title: 'HELD BY', min: 8, rank: 4 },
  { title: 'NAMES', min: 8, rank: 1 },
  { title: 'WHERE', min: 12, rank: 5 },
] as const

export function segmentTable(
  out: Pick<Console, 'columns' | 'colors'>,
  { segments }: LifeContent,
): string {
  const rows = segments.map(segment => [
    segment.kind === 'main-region' ? keyOf(segment.slot, out.colors) : '',
    formatHandle(segment.handle),
    formatBytes(segment.size),
    String(segment.refcnt),
    segmentState(segment),
    segment.heldBy.map(member => `#${member}`).join(' '),
    segment.names.map(printable).join(' '),
    whereIs(segment),
  ])
  return table(SEGMENTS, rows, out)
}

function segmentState({ state, pinned, abandoned }: SegmentView): string {
  const words = state === 'live' ? (pinned ? ['pinned'] : []) : [state]
  if (abandoned > 0) words.push(`${abandoned} abandoned`)
  return words.join(', ')
}

function whereIs({ osName, run }: SegmentView): string {
  if (run === null) return osName === null ? '' : printable(osName)
  return run.npages === 1
    ? `page ${run.firstPage}`
    : `pages ${run.firstPage}–${run.firstPage + run.npages - 1}`
}

const MEMBERS = [
  { title: 'MEMBER' },
  { title: 'PROCESS', min: 10 },
  { title: 'THREAD', align: 'right', rank: 3 },
  { title: 'SINCE', align: 'right', rank: 2 },
  { title: 'HOLDS', align: 'right' },
] as const

export function memberTable(out: Console, members: readonly MemberInfo[]): string {
  const rows = members.map(member => [
    `#${member.index}`,
    member.alive ? describeProcess(member.pid) : out.colors.red(`pid ${member.pid}, dead`),
    member.threadId === 0 ? 'main' : String(member.threadId),
    formatAge(member.startedAt),
    String(member.handles.length),
  ])
  return table(MEMBERS, rows, out)
}
