/** One picture of `top`, as lines that fit the screen: no line is longer than it is wide. */
import type { LifeContent, LifeSurvey } from '@dsm/control'
import { sizeOf } from '../commands/ls.js'
import type { Console } from '../console.js'
import type { Found } from '../groups.js'
import { groupReport, type LifeReport } from '../report.js'
import { segmentTable } from '../text/describe.js'
import { formatBytes, formatCount, plural, printable } from '../text/format.js'
import { pageMap } from '../text/page-map.js'
import { slotMap } from '../text/slot-map.js'
import { stateText } from '../text/state.js'
import { wrap } from '../text/wrap.js'
import type { History } from './history.js'

const WIDTH_MAX = 120
const WIDTH_WITHOUT_TERMINAL = 80
const MAP_ROWS = 6
const SEGMENTS_SHOWN = 8

export function frame(out: Console, found: readonly Found[], history: History): string[] {
  const reports = found.map(groupReport)
  const lives = reports.flatMap(report => report.lives)
  const members = lives.flatMap(({ content }) => content?.members ?? [])
  const segments = lives.flatMap(({ content }) => content?.segments ?? [])
  const total = lives.reduce((sum, life) => sum + sizeOf(life), 0)
  const time = new Date().toTimeString().slice(0, 8)
  const title = [
    out.colors.bold('dsm top'),
    time,
    plural(found.length, 'group'),
    plural(members.length, 'member'),
    plural(segments.length, 'segment'),
    formatBytes(total),
  ]
  const width = widthOf(out)
  const lines = wrap(title, width)
  if (found.length === 0) lines.push('', 'There is no group.')
  for (const [at, each] of found.entries()) {
    lines.push('', ...groupLines(out, each, reports[at]!.lives, history, width))
  }
  return lines
}

const widthOf = ({ columns }: Console): number =>
  Number.isFinite(columns) ? Math.min(columns, WIDTH_MAX) : WIDTH_WITHOUT_TERMINAL

function groupLines(
  out: Console,
  { directory, survey, problem }: Found,
  reports: readonly LifeReport[],
  history: History,
  width: number,
): string[] {
  const { colors } = out
  const name = colors.bold(printable(directory.name))
  if (survey === null) {
    return wrap([name, colors.red(printable(problem!.message))], width)
  }
  if (survey.lives.length === 0) return wrap([name, stateText(colors, 'empty', null)], width)
  return survey.lives.flatMap((life, at) => {
    const report = reports[at]!
    const head = [name, stateText(colors, life.state, report), life.record.kind]
    if (life.problem !== null) head.push(colors.red(printable(life.problem.message)))
    if (life.content === null) return wrap(head, width)
    return lifeLines(out, life, life.content, report, history, { head, width })
  })
}

function lifeLines(
  out: Console,
  life: LifeSurvey,
  content: LifeContent,
  report: LifeReport,
  history: History,
  { head, width }: { head: string[]; width: number },
): string[] {
  const alive = content.members.filter(member => member.alive).length
  head.push(`${alive} of ${content.maxMembers} members`)
  head.push(`${content.segments.length} of ${content.maxSegments} slots`)
  head.push(formatBytes(sizeOf(report)))
  if (!content.settled) head.push(out.colors.yellow('busy'))
  const lines = wrap(head, width)
  lines.push(...rateLines(out, life, content, history, width))
  lines.push(...slotMap(content, { width, colors: out.colors }))
  lines.push(...regionLines(out, content, width))
  lines.push(...segmentLines(out, content, width))
  return lines
}

function rateLines(
  { colors }: Console,
  { record }: LifeSurvey,
  { counters }: LifeContent,
  history: History,
  width: number,
): string[] {
  const rates = history.rates(record.nonce)
  const each = (name: 'created' | 'attached' | 'detached' | 'destroyed'): string =>
    rates === null
      ? `${name} ${formatCount(counters[name])}`
      : `${name} ${formatCount(Math.round(rates[name]))}/s`
  const words = [each('created'), each('attached'), each('detached'), each('destroyed')]
  if (counters.deaths > 0) words.push(colors.yellow(plural(counters.deaths, 'death')))
  if (counters.takeovers > 0) words.push(colors.yellow(`${counters.takeovers} locks taken over`))
  const lines = wrap(words, width)
  const line = sparkline(history.activity(record.nonce), width)
  if (line !== '') lines.push(colors.green(line))
  return lines
}

const BARS = '▁▂▃▄▅▆▇█'

/** Empty until something happened. */
function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const most = Math.max(0, ...shown)
  if (most === 0) return ''
  return shown.map(value => BARS.charAt(Math.round((value / most) * (BARS.length - 1)))).join('')
}

function regionLines({ colors }: Console, content: LifeContent, width: number): string[] {
  const { mainRegion: region, segments } = content
  if (region === null) return []
  const map = pageMap(region, segments, { width, rows: MAP_ROWS, colors })
  const words = [
    `main region ${formatBytes(region.size)}`,
    `${formatCount(region.free)} of ${formatCount(region.total)} pages free`,
    `longest run ${formatCount(region.largest)}`,
  ]
  return [...wrap(words, width), ...map.lines]
}

/** The largest, with the colours that they have in the map. */
function segmentLines(out: Console, content: LifeContent, width: number): string[] {
  const most = [...content.segments].sort((one, other) => other.size - one.size)
  const shown = most.slice(0, SEGMENTS_SHOWN)
  if (shown.length === 0) return []
  const text = segmentTable({ ...out, columns: width }, { ...content, segments: shown })
  const rest = most.length - shown.length
  const lines = text.trimEnd().split('\n')
  return rest > 0 ? [...lines, out.colors.dim(`… and ${plural(rest, 'smaller one')}`)] : lines
}
