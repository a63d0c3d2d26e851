/** The lines as a table for the terminal, ratios first. */
import Table from 'cli-table3'
import type { Session } from '../session.js'
import { type Line, linesOf } from './lines.js'
import { extentOf, HOW_TO_READ, placeOf } from './words.js'

const cellsOf = (line: Line): string[] => [
  line.ratio,
  line.goal,
  line.verdict,
  line.ours,
  line.oursFigure,
  line.theirs,
  line.theirsFigure,
  line.range,
]

export function asTable(session: Session): string {
  const table = new Table({
    head: ['ratio', 'goal', '', 'ours', '', 'compared with', '', 'runs differ by'],
    style: { head: [], border: [], compact: true },
  })
  for (const runs of session.races) {
    table.push([{ colSpan: 8, content: runs[0]?.what ?? '' }])
    for (const line of linesOf(runs)) table.push(cellsOf(line))
  }
  return [String(table), extentOf(session), placeOf(session), HOW_TO_READ].join('\n')
}
