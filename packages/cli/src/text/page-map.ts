/**
 * A main region as a map of its pages: each character is some pages, one segment one colour, or one
 * letter where there is no colour. Seen from the segments' runs, as everything else is.
 */
import type { RegionView, SegmentView } from '@dsm/control'
import type { Colors } from '../console.js'

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const HEADER = -1
const FREE = -2
const MANY = -3

export interface PageMap {
  /** Without ends. */
  readonly lines: readonly string[]
  readonly pagesPerCell: number
}

/** Which segment has each cell: its slot, HEADER, FREE, or MANY. */
function cellsOf(
  { pages }: RegionView,
  segments: readonly SegmentView[],
  count: number,
  pagesPerCell: number,
): Int32Array {
  const cells = new Int32Array(count).fill(FREE)
  cells[0] = HEADER
  for (const { run, slot } of segments) {
    if (run === null || run.npages < 1 || run.firstPage + run.npages > pages) continue
    const first = Math.floor(run.firstPage / pagesPerCell)
    const last = Math.floor((run.firstPage + run.npages - 1) / pagesPerCell)
    for (let cell = first; cell <= last; cell++) cells[cell] = cells[cell] === FREE ? slot : MANY
  }
  return cells
}

/** @param width columns; @param rows at most so many lines */
export function pageMap(
  region: RegionView,
  segments: readonly SegmentView[],
  { width, rows, colors }: { width: number; rows: number; colors: Colors },
): PageMap {
  const pagesPerCell = Math.max(1, Math.ceil(region.pages / (width * rows)))
  const count = Math.ceil(region.pages / pagesPerCell)
  const cells = cellsOf(region, segments, count, pagesPerCell)
  const lines: string[] = []
  for (let from = 0; from < count; from += width) {
    lines.push(drawLine(cells.subarray(from, from + width), colors))
  }
  return { lines, pagesPerCell }
}

/** One escape sequence for each stretch of a colour. */
function drawLine(cells: Int32Array, colors: Colors): string {
  let line = ''
  for (let from = 0; from < cells.length; ) {
    let to = from
    while (to < cells.length && cells[to] === cells[from]) to++
    line += drawCells(cells[from]!, to - from, colors)
    from = to
  }
  return line
}

function drawCells(cell: number, count: number, colors: Colors): string {
  if (cell === FREE) return colors.dim('·'.repeat(count))
  if (cell === HEADER) return colors.dim('#'.repeat(count))
  if (cell === MANY) return '▒'.repeat(count)
  if (!colors.isColorSupported) return LETTERS.charAt(cell % LETTERS.length).repeat(count)
  return paint(cell, '█'.repeat(count), colors)
}

/** The colour of the segment in that slot. */
function paint(slot: number, text: string, colors: Colors): string {
  const palette = [
    colors.cyan,
    colors.yellow,
    colors.magenta,
    colors.green,
    colors.blue,
    colors.red,
    colors.cyanBright,
    colors.yellowBright,
    colors.magentaBright,
    colors.greenBright,
    colors.blueBright,
    colors.redBright,
  ]
  return palette[slot % palette.length]!(text)
}

/** What stands for that segment in the map. */
export const keyOf = (slot: number, colors: Colors): string =>
  colors.isColorSupported ? paint(slot, '█', colors) : LETTERS.charAt(slot % LETTERS.length)
