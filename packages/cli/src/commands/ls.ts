/** `dsm ls`: the groups of this user; of groups that are named, the segments too. */
import type { Console } from '../console.js'
import { type Found, findAll } from '../groups.js'
import { type GroupReport, groupReport, isWrong, jsonText, type LifeReport } from '../report.js'
import { segmentTable } from '../text/describe.js'
import { formatBytes, plural, printable } from '../text/format.js'
import { stateText } from '../text/state.js'
import { table } from '../text/table.js'

export function ls(out: Console, groups: readonly string[], options: { json?: boolean }): number {
  const found = findAll(groups)
  const reports = found.map(groupReport)
  if (options.json) out.write(jsonText({ groups: reports }))
  else if (reports.length === 0) out.write('There is no group.\n')
  else if (groups.length === 0) out.write(groupTable(out, reports))
  else out.write(found.map(each => groupSegments(out, each)).join('\n'))
  return reports.some(isWrong) ? 1 : 0
}

const COLUMNS = [
  { title: 'GROUP', min: 8 },
  { title: 'STATE' },
  { title: 'IMPL', rank: 3 },
  { title: 'MEMBERS', align: 'right', rank: 1 },
  { title: 'SEGMENTS', align: 'right', rank: 2 },
  { title: 'SIZE', align: 'right', rank: 4 },
  { title: 'MAIN REGION', align: 'right', rank: 5 },
  { title: 'NAMES', min: 12, rank: 6 },
] as const

/** A row for each life: nearly always one. */
export function groupTable(out: Console, reports: readonly GroupReport[]): string {
  const rows = reports.flatMap(report => {
    if (report.lives.length === 0) return [emptyRow(out, report)]
    return report.lives.map((life, at) => {
      const older = at < report.lives.length - 1
      return lifeRow(out, report, life, older)
    })
  })
  const problems = reports.flatMap(problemsOf)
  return table(COLUMNS, rows, out) + problems.map(line => `${out.colors.red(line)}\n`).join('')
}

function emptyRow(out: Console, { name, state }: GroupReport): string[] {
  return [printable(name), stateText(out.colors, state, null), '', '', '', '', '', '']
}

function lifeRow(out: Console, report: GroupReport, life: LifeReport, older: boolean): string[] {
  const { content } = life
  const region = content?.mainRegion
  return [
    printable(report.name) + (older ? ' (older life)' : ''),
    stateText(out.colors, life.state, life),
    life.kind,
    content ? `${content.members.filter(({ alive }) => alive).length}/${content.maxMembers}` : '',
    content ? `${content.segments.length}/${content.maxSegments}` : '',
    content ? formatBytes(sizeOf(life)) : '',
    region ? `${formatBytes(region.free * 4096)} of ${formatBytes(region.size)} free` : '',
    content?.segments
      .flatMap(({ names }) => names)
      .map(printable)
      .join(' ') ?? '',
  ]
}

/** Of its objects, the control segment and the main region among them. */
export function sizeOf({ content, controlSize }: LifeReport): number {
  const objects = content?.segments.filter(({ kind }) => kind === 'object') ?? []
  const own = controlSize + (content?.mainRegion?.size ?? 0)
  return objects.reduce((sum, { size }) => sum + size, own)
}

function problemsOf({ name, problem, lives }: GroupReport): string[] {
  return [problem, ...lives.map(life => life.problem)].flatMap(each =>
    each === null ? [] : [`${printable(name)}: ${printable(each.message)} (${each.code})`],
  )
}

function groupSegments(out: Console, found: Found): string {
  const report = groupReport(found)
  const content = found.survey?.lives.at(-1)?.content ?? null
  const head = groupTable(out, [report])
  if (content === null || content.segments.length === 0) return head
  const region = content.mainRegion
  const carved = content.segments.filter(({ kind }) => kind === 'main-region').length
  const note = region ? `, ${carved} of them in the main region` : ''
  const title = `${plural(content.segments.length, 'segment')}${note}`
  return `${head}\n${title}\n${segmentTable(out, content)}`
}
