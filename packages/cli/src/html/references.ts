/** Who holds what: members on the left, segments on the right, a line for each reference. */
import type { LifeContent, MemberInfo, SegmentView } from '@dsm/control'
import { formatAge, formatBytes, plural } from '../text/format.js'
import { colorClass, type Part, WIDTH } from './canvas.js'
import { element as e, type Markup } from './markup.js'

const TOP = 26
const MEMBER = { width: 210, height: 48, gap: 12 }
const SEGMENT = { width: 400, height: 42, gap: 9 }
const SEGMENTS_X = WIDTH - SEGMENT.width
const MEMBERS_MAX = 24
const SEGMENTS_MAX = 18
const NAME_MAX = 30

export function drawReferences(content: LifeContent): Part {
  const members = content.members.slice(0, MEMBERS_MAX)
  const segments = order(mostShared(content.segments))
  const left = stack(members.length, MEMBER)
  const right = stack(segments.length, SEGMENT)
  const tallest = Math.max(left, right, 40)
  const memberY = spread(members.length, MEMBER, tallest)
  const segmentY = spread(segments.length, SEGMENT, tallest)
  const hidden = [
    more(content.members.length - members.length, 0, TOP + tallest + 18),
    more(content.segments.length - segments.length, SEGMENTS_X, TOP + tallest + 18),
  ].flat()
  const markup = [
    heading(0, 'MEMBERS'),
    heading(SEGMENTS_X, 'SEGMENTS'),
    ...lines(members, segments, memberY, segmentY),
    ...members.map((member, at) => memberCard(member, memberY(at))),
    ...segments.map((segment, at) => segmentCard(segment, segmentY(at), content)),
    ...hidden,
  ]
  return { height: TOP + tallest + (hidden.length > 0 ? 22 : 0), markup }
}

const heading = (x: number, title: string): Markup =>
  e('text', { class: 'heading', x, y: 12 }, title)

const more = (count: number, x: number, y: number): Markup[] =>
  count > 0 ? [e('text', { class: 'small', x, y }, `… and ${count} more`)] : []

/** Those that say most: with names, held by many, large. */
function mostShared(segments: readonly SegmentView[]): SegmentView[] {
  const said = ({ names, heldBy }: SegmentView): number => Math.sign(names.length) + heldBy.length
  const sorted = [...segments].sort(
    (one, other) => said(other) - said(one) || other.size - one.size,
  )
  return sorted.slice(0, SEGMENTS_MAX)
}

/** Near the members that hold them, so that few lines cross. */
function order(segments: readonly SegmentView[]): SegmentView[] {
  const middle = ({ heldBy }: SegmentView): number =>
    heldBy.length === 0
      ? Number.MAX_SAFE_INTEGER
      : heldBy.reduce((sum, member) => sum + member, 0) / heldBy.length
  return [...segments].sort((one, other) => middle(one) - middle(other) || one.slot - other.slot)
}

interface Box {
  readonly height: number
  readonly gap: number
}

const stack = (count: number, { height, gap }: Box): number =>
  Math.max(0, count * (height + gap) - gap)

/** Top of each card: in the middle of its share of the height. */
const spread =
  (count: number, { height }: Box, tallest: number) =>
  (at: number): number =>
    TOP + ((at + 0.5) * tallest) / Math.max(1, count) - height / 2

function lines(
  members: readonly MemberInfo[],
  segments: readonly SegmentView[],
  memberY: (at: number) => number,
  segmentY: (at: number) => number,
): Markup[] {
  return members.flatMap(({ index }, at) => {
    const held = segments.map((segment, to) => ({ segment, to }))
    const mine = held.filter(({ segment }) => segment.heldBy.includes(index))
    return mine.map(({ segment, to: row }, port) => {
      const y1 = memberY(at) + ((port + 1) * MEMBER.height) / (mine.length + 1)
      const y2 = segmentY(row) + SEGMENT.height / 2
      const [x1, x2] = [MEMBER.width, SEGMENTS_X]
      const bend = (x1 + x2) / 2
      const [from, to] = [round(y1), round(y2)]
      const path = `M${x1} ${from}C${bend} ${from} ${bend} ${to} ${x2} ${to}`
      return e('path', { class: `line ${colorClass(segment.slot)}`, d: path })
    })
  })
}

const round = (value: number): number => Math.round(value * 10) / 10

function memberCard({ index, pid, threadId, startedAt, alive }: MemberInfo, y: number): Markup {
  const card = { x: 0.5, y: round(y), width: MEMBER.width - 1, height: MEMBER.height, rx: 10 }
  const thread = threadId === 0 ? 'main thread' : `thread ${threadId}`
  const note = alive ? `${thread}, in for ${formatAge(startedAt)}` : `${thread}, dead`
  return e('g', {}, [
    e('rect', { class: alive ? 'card' : 'card dead', ...card }),
    e('text', { class: 'name', x: 16, y: round(y) + 20 }, `#${index}  pid ${pid}`),
    e('text', { class: 'small', x: 16, y: round(y) + 37 }, note),
  ])
}

function segmentCard(segment: SegmentView, y: number, { segments }: LifeContent): Markup {
  const { handle, size, names, slot, state, pinned } = segment
  const box = { x: SEGMENTS_X, y: round(y), width: SEGMENT.width, height: SEGMENT.height, rx: 9 }
  const largest = Math.max(2, ...segments.map(each => each.size))
  const bar = Math.max(4, ((SEGMENT.width - 28) * Math.log2(size + 1)) / Math.log2(largest + 1))
  const color = colorClass(slot)
  const name = names[0] ?? String(handle)
  const notes = [
    names.length > 1 ? `${names.length} names` : '',
    names.length > 0 ? String(handle) : '',
    segment.kind === 'main-region' ? 'main region' : 'own object',
    pinned ? 'pinned' : '',
    state === 'live' ? '' : state,
  ].filter(Boolean)
  const frame = state === 'live' ? [] : [e('rect', { class: `unfinished ${color}`, ...box })]
  const right = SEGMENTS_X + SEGMENT.width - 14
  return e('g', {}, [
    e('title', {}, `${name}: ${formatBytes(size)}, ${plural(segment.heldBy.length, 'reference')}`),
    e('rect', { class: 'card', ...box }),
    ...frame,
    e('circle', {
      class: `fill ${color}`,
      cx: SEGMENTS_X,
      cy: round(y + SEGMENT.height / 2),
      r: 5,
    }),
    e('text', { class: 'name', x: SEGMENTS_X + 18, y: round(y) + 19 }, clip(name)),
    e('text', { class: 'small', x: SEGMENTS_X + 18, y: round(y) + 34 }, notes.join(' · ')),
    e('text', { class: 'end', x: right, y: round(y) + 19 }, formatBytes(size)),
    e('rect', {
      class: `fill ${color}`,
      x: SEGMENTS_X + 14,
      y: round(y) + SEGMENT.height - 3.5,
      width: round(bar),
      height: 3.5,
      rx: 1.75,
    }),
  ])
}

const clip = (name: string): string =>
  [...name].length <= NAME_MAX ? name : `${[...name].slice(0, NAME_MAX - 1).join('')}…`
