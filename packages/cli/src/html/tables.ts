/** The same as the picture shows, in tables: exact, and for those who cannot see it. */
import type { LifeContent, SegmentView } from '@dsm/control'
import { formatAge, formatBytes, formatCount } from '../text/format.js'
import { colorClass } from './canvas.js'
import { element as e, type Markup, text } from './markup.js'

interface Column<Row> {
  readonly title: string
  readonly number?: boolean
  cell(row: Row): string | readonly Markup[]
}

function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Markup {
  if (rows.length === 0) return e('p', { class: 'none' }, 'None.')
  const head = columns.map(({ title, number }) =>
    e('th', { scope: 'col', class: number ? 'number' : undefined }, title),
  )
  const body = rows.map(row =>
    e(
      'tr',
      {},
      columns.map((column, at) => {
        const name = at === 0 ? 'th' : 'td'
        const scope = at === 0 ? 'row' : undefined
        return e(name, { scope, class: column.number ? 'number' : undefined }, column.cell(row))
      }),
    ),
  )
  return e('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, [
    e('table', {}, [e('thead', {}, [e('tr', {}, head)]), e('tbody', {}, body)]),
  ])
}

const swatch = ({ slot }: SegmentView): Markup =>
  e('span', { class: `swatch ${colorClass(slot)}`, 'aria-hidden': 'true' })

const handleCell = (segment: SegmentView): Markup[] => [
  swatch(segment),
  text(String(segment.handle)),
]

export const segmentsTable = ({ segments }: LifeContent): Markup =>
  table(
    'Segments',
    [
      { title: 'Handle', cell: handleCell },
      { title: 'Size', number: true, cell: ({ size }) => formatBytes(size) },
      { title: 'References', number: true, cell: ({ heldBy }) => String(heldBy.length) },
      { title: 'State', cell: stateOf },
      { title: 'Names', cell: ({ names }) => names.join(', ') },
      { title: 'Where', cell: where },
    ],
    segments,
  )

function stateOf({ state, pinned, abandoned }: SegmentView): string {
  const words = [state, ...(pinned ? ['pinned'] : [])]
  if (abandoned > 0) words.push(`${abandoned} abandoned by the dead`)
  return words.join(', ')
}

function where({ osName, run }: SegmentView): readonly Markup[] {
  if (run === null) return [e('code', {}, osName ?? '')]
  return [text(`pages ${run.firstPage} to ${run.firstPage + run.npages - 1} of the main region`)]
}

export const membersTable = ({ members }: LifeContent): Markup =>
  table(
    'Members',
    [
      { title: 'Member', cell: ({ index }) => `#${index}` },
      { title: 'Process', number: true, cell: ({ pid }) => String(pid) },
      { title: 'Thread', cell: ({ threadId }) => (threadId === 0 ? 'main' : String(threadId)) },
      { title: 'In for', number: true, cell: ({ startedAt }) => formatAge(startedAt) },
      { title: 'State', cell: ({ alive }) => (alive ? 'alive' : 'dead') },
      { title: 'Holds', number: true, cell: ({ handles }) => String(handles.length) },
    ],
    members,
  )

/** A dot for each reference. */
export function referencesTable({ members, segments }: LifeContent): Markup {
  const columns = members.map(member => ({
    title: `#${member.index}`,
    cell: ({ heldBy }: SegmentView): readonly Markup[] =>
      heldBy.includes(member.index)
        ? [e('span', { class: 'held' }, [e('span', { class: 'unseen' }, 'attached')])]
        : [],
  }))
  return table('References', [{ title: 'Segment', cell: handleCell }, ...columns], segments)
}

export function countersTable({ counters }: LifeContent): Markup {
  const rows: [string, number][] = [
    ['segments created', counters.created],
    ['attached', counters.attached],
    ['detached', counters.detached],
    ['destroyed', counters.destroyed],
    ['members that died', counters.deaths],
    ['locks taken over from the dead', counters.takeovers],
    ['recoveries', counters.recoveries],
    ['operations cut and mended', counters.reconciled],
  ]
  return table(
    'Counters',
    [
      { title: 'What', cell: ([name]: [string, number]) => name },
      { title: 'How often', number: true, cell: ([, count]) => formatCount(count) },
    ],
    rows,
  )
}
