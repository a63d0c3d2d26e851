/** The main region as a map of its pages: one cell is one page or more, one run one stretch. */
import type { LifeContent, RegionView, SegmentView } from '@dsm/control'
import { formatBytes, formatCount, plural } from '../text/format.js'
import { colorClass, type Part, WIDTH } from './canvas.js'
import { element as e, type Markup } from './markup.js'

const TOP = 24
const ROW = 18
const BAR = 13
const CELLS_PER_ROW = 128
const ROWS_MAX = 32

export function drawPages({ mainRegion, segments }: LifeContent): Part | null {
  if (mainRegion === null) return null
  const { pages, size, free, total, largest } = mainRegion
  const pagesPerRow = Math.max(CELLS_PER_ROW, Math.ceil(pages / ROWS_MAX))
  const rows = Math.ceil(pages / pagesPerRow)
  const title =
    `MAIN REGION: ${formatBytes(size)}, ${formatCount(free)} OF ${formatCount(total)} PAGES ` +
    `FREE, LONGEST RUN ${formatCount(largest)}; A ROW IS ${formatCount(pagesPerRow)} PAGES`
  const stretch = (first: number, count: number, kind: string, says: string): Markup[] =>
    stretches(first, count, pagesPerRow).map(box =>
      e('rect', { class: kind, ...box }, [e('title', {}, says)]),
    )
  const markup = [
    e('text', { class: 'heading', x: 0, y: 12 }, title),
    ...stretch(0, pages, 'free', 'free pages'),
    ...stretch(0, 1, 'header', 'page 0: the header'),
    ...segments
      .filter(segment => fits(segment, mainRegion))
      .flatMap(segment => {
        const { firstPage, npages } = segment.run!
        const who = segment.names[0] ?? String(segment.handle)
        const says = `${who}: ${plural(npages, 'page')} from ${firstPage} on`
        return stretch(firstPage, npages, `fill ${colorClass(segment.slot)}`, says)
      }),
  ]
  return { height: TOP + rows * ROW - (ROW - BAR), markup }
}

const fits = ({ run }: SegmentView, { pages }: RegionView): boolean =>
  run !== null && run.npages > 0 && run.firstPage + run.npages <= pages

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly rx: number
}

/** A run is one box in each row that it is in. */
function stretches(first: number, count: number, pagesPerRow: number): Box[] {
  const boxes: Box[] = []
  const page = WIDTH / pagesPerRow
  const gap = Math.min(1.2, page / 4)
  for (let at = first; at < first + count; ) {
    const row = Math.floor(at / pagesPerRow)
    const end = Math.min(first + count, (row + 1) * pagesPerRow)
    const x = (at - row * pagesPerRow) * page
    const width = Math.max(0.6, (end - at) * page - gap)
    boxes.push({ x: fine(x), y: TOP + row * ROW, width: fine(width), height: BAR, rx: 2.5 })
    at = end
  }
  return boxes
}

const fine = (value: number): number => Math.round(value * 100) / 100
