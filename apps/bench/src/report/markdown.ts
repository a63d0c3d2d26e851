/** RESULTS.md: what the goals ask for first, then everything else, as tables of Markdown. */
import type { Side } from '../race.js'
import type { Session } from '../session.js'
import { figure } from './figures.js'
import { hasGoal, type Line, linesOf } from './lines.js'
import { extentOf, HOW_TO_READ, placeOf } from './words.js'

const row = (cells: readonly string[]): string =>
  `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

const goalCells = (line: Line): string[] => [
  line.work,
  line.ours,
  line.oursFigure,
  line.theirs,
  line.theirsFigure,
  line.ratio,
  line.goal,
  line.verdict,
  line.runs,
  line.range,
]

const GOAL_HEAD = [
  'work',
  'contender',
  '',
  'compared with',
  '',
  'ratio',
  'goal',
  'verdict',
  'each run',
  'range',
]

const otherCells = (line: Line): string[] => [
  line.work,
  line.ours,
  line.oursFigure,
  line.theirs,
  line.theirsFigure,
  line.ratio,
  line.verdict,
]

const OTHER_HEAD = ['work', 'contender', '', 'compared with', '', 'ratio', '']

function latencyRows({ races }: Session): string[][] {
  return races.flatMap(runs =>
    runs.flatMap(({ what, sides }, run) =>
      sides.flatMap(side => cellsOfLatency(what, side, runs.length > 1 ? String(run + 1) : '')),
    ),
  )
}

function cellsOfLatency(what: string, { name, latency }: Side, run: string): string[][] {
  if (latency === null) return []
  const { count, p50, p90, p99, p999, max } = latency
  const figures = [p50, p90, p99, p999, max].map(value => figure(value, 'ns'))
  return [[what, name, run, String(count), ...figures]]
}

const LATENCY_HEAD = [
  'work',
  'contender',
  'run',
  'samples',
  'p50',
  'p90',
  'p99',
  'p99.9',
  'longest',
]

function section(session: Session): string[] {
  const lines = session.races.flatMap(linesOf)
  const goals = lines.filter(hasGoal)
  const others = lines.filter(line => !hasGoal(line))
  const latencies = latencyRows(session)
  const met = goals.filter(({ verdict }) => verdict === 'met').length
  return [
    `## ${extentOf(session)}`,
    placeOf(session),
    ...(goals.length > 0
      ? [`### Goals: ${met} of ${goals.length} met`, markdownTable(GOAL_HEAD, goals.map(goalCells))]
      : []),
    ...(others.length > 0
      ? ['### For information', markdownTable(OTHER_HEAD, others.map(otherCells))]
      : []),
    ...(latencies.length > 0 ? ['### Distributions', markdownTable(LATENCY_HEAD, latencies)] : []),
  ]
}

export function asMarkdown(sessions: readonly Session[]): string {
  const head = [
    '# Results',
    'Written by `npm run bench -- --report`; not by hand. What is measured, and how: README.md.',
    HOW_TO_READ,
  ]
  return `${[...head, ...sessions.flatMap(section)].join('\n\n')}\n`
}
