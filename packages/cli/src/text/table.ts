/**
 * A table that fits: columns that matter least go first, then the widest that may shrink do. The
 * drawing is cli-table3's.
 */
import CliTable from 'cli-table3'
import stringWidth from 'string-width'
import type { Colors } from '../console.js'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** 0, the default: stays whatever happens. Else the highest goes first. */
  readonly rank?: number
  /** May be cut down to so many columns; absent: never cut. */
  readonly min?: number
}

const GAP = '  '
const NOTHING = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
}

export interface Width {
  readonly columns: number
  readonly colors: Colors
}

/** Lines, each ended. Rows have a cell for every column. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { columns: width, colors }: Width,
): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(stringWidth(title), ...rows.map(row => stringWidth(row[at] ?? ''))),
  )
  const shown = narrow(columns, widths, width)
  const drawn = new CliTable({
    head: shown.map(({ at }) => colors.dim(columns[at]!.title)),
    colWidths: shown.map(({ size }) => size),
    colAligns: shown.map(({ at }) => columns[at]!.align ?? 'left'),
    chars: NOTHING,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  })
  drawn.push(...rows.map(row => shown.map(({ at }) => row[at] ?? '')))
  return drawn
    .toString()
    .split('\n')
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

interface Shown {
  readonly at: number
  size: number
}

function narrow(columns: readonly Column[], widths: readonly number[], width: number): Shown[] {
  let shown: Shown[] = columns.map((_, at) => ({ at, size: widths[at]! }))
  const least = ({ at, size }: Shown): number => Math.min(size, columns[at]!.min ?? size)
  const total = (size: (each: Shown) => number): number =>
    shown.reduce((sum, each) => sum + size(each), GAP.length * (shown.length - 1))
  while (total(least) > width) {
    const rank = Math.max(...shown.map(({ at }) => columns[at]!.rank ?? 0))
    if (rank === 0) break
    shown = shown.filter(({ at }) => (columns[at]!.rank ?? 0) !== rank)
  }
  while (total(each => each.size) > width) {
    const wide = shown.filter(each => each.size > least(each))
    const widest = Math.max(0, ...wide.map(({ size }) => size))
    const victim = wide.find(({ size }) => size === widest)
    if (victim === undefined) break
    victim.size--
  }
  return shown
}
