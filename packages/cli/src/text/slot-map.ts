/**
 * The slots of a control segment, one character each while they fit: who uses how many, and where.
 * A digit is the number of attachments, + more than nine; p pinned and attached to by nobody; = the
 * main region's own; ~ being made; - being removed; a dot is free.
 */
import type { LifeContent, SegmentView } from '@dsm/control'
import type { Colors } from '../console.js'

/** Slots behind the last one in use are not drawn beyond the first line. */
export function slotMap(
  { segments, maxSegments, mainRegion }: LifeContent,
  { width, colors }: { width: number; colors: Colors },
): string[] {
  const cells = new Array<string>(maxSegments).fill(colors.dim('·'))
  if (mainRegion !== null) cells[mainRegion.slot] = colors.cyan('=')
  for (const segment of segments) cells[segment.slot] = drawSlot(segment, colors)
  const used = [...segments.map(({ slot }) => slot), mainRegion?.slot ?? 0]
  const rows = Math.ceil((Math.max(0, ...used) + 1) / width)
  const lines: string[] = []
  for (let row = 0; row < Math.min(rows, ROWS_MAX); row++) {
    lines.push(cells.slice(row * width, (row + 1) * width).join(''))
  }
  return lines
}

const ROWS_MAX = 4

function drawSlot({ state, heldBy, pinned }: SegmentView, colors: Colors): string {
  if (state === 'being made') return colors.yellow('~')
  if (state === 'being removed') return colors.red('-')
  if (heldBy.length === 0 && pinned) return colors.blue('p')
  return colors.green(heldBy.length > 9 ? '+' : String(heldBy.length))
}
