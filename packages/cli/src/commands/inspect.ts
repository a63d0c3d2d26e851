/**
 * `dsm inspect <group>`: one group from close by; with a handle or a name, the bytes of one
 * segment; with `--html`, the group as a page to look at.
 */
import { writeFileSync } from 'node:fs'
import {
  type GroupDirectory,
  type GroupSurvey,
  type LifeContent,
  type LifeSurvey,
  readSegment,
  type SegmentView,
} from '@dsm/control'
import { DsmError } from '@dsm/impl'
import type { Console } from '../console.js'
import { findOne } from '../groups.js'
import { htmlPage } from '../html/page.js'
import { standalonePicture } from '../html/picture.js'
import { mechanism } from '../mechanisms.js'
import { groupReport, isWrong, jsonText, segmentReport } from '../report.js'
import { memberTable, segmentTable } from '../text/describe.js'
import { formatBytes, formatCount, plural } from '../text/format.js'
import { hexdump } from '../text/hexdump.js'
import { pageMap } from '../text/page-map.js'
import { wrap } from '../text/wrap.js'
import { groupTable } from './ls.js'

export interface InspectOptions {
  readonly json?: boolean
  readonly html?: string
  readonly svg?: string
  readonly offset: number
  readonly length: number
}

export function inspect(
  out: Console,
  group: string,
  segment: string | undefined,
  options: InspectOptions,
): number {
  const { directory, survey } = findOne(group)
  if (segment !== undefined) return inspectSegment(out, directory, survey, segment, options)
  const report = groupReport({ directory, survey, problem: null })
  const written = writeFiles(survey, options)
  if (options.json) out.write(jsonText({ group: report }))
  else if (written.length > 0) out.write(written.map(file => `wrote ${file}\n`).join(''))
  else {
    out.write(groupTable(out, [report]))
    for (const life of survey.lives) if (life.content) out.write(lifeText(out, life, life.content))
  }
  return isWrong(report) ? 1 : 0
}

/** Names of the files. @throws DSM_NOT_FOUND if there is nothing to draw */
function writeFiles(survey: GroupSurvey, { html, svg }: InspectOptions): string[] {
  if (html !== undefined) writeFileSync(html, htmlPage(survey, new Date()))
  if (svg !== undefined) {
    const content = survey.lives.at(-1)?.content ?? null
    if (content === null) {
      const says = `there is nothing of group "${survey.name}" to draw`
      throw new DsmError('DSM_NOT_FOUND', says, { op: 'inspect' })
    }
    writeFileSync(svg, standalonePicture(content))
  }
  return [html, svg].filter(file => file !== undefined)
}

const MAP_WIDTH = 80
const MAP_ROWS = 16

function lifeText(out: Console, { record }: LifeSurvey, content: LifeContent): string {
  const { colors } = out
  const parts = [`\n${colors.bold(`Life ${record.nonce}`)}${remarks(content)}\n`]
  const { counters: n } = content
  parts.push(
    sentence(
      out,
      `created ${formatCount(n.created)}, attached ${formatCount(n.attached)}, ` +
        `detached ${formatCount(n.detached)}, destroyed ${formatCount(n.destroyed)}; ` +
        `deaths ${n.deaths}, locks taken over ${n.takeovers}, recoveries ${n.recoveries}`,
    ),
  )
  parts.push(`\n${colors.bold(plural(content.members.length, 'member'))}\n`)
  if (content.members.length > 0) parts.push(memberTable(out, content.members))
  const slots = `${plural(content.segments.length, 'segment')} in ${content.maxSegments} slots`
  parts.push(`\n${colors.bold(slots)}\n`)
  if (content.segments.length > 0) parts.push(segmentTable(out, content))
  parts.push(regionText(out, content))
  return parts.join('')
}

const sentence = ({ columns }: Console, words: string): string =>
  `${wrap(words.split(' '), columns, ' ').join('\n')}\n`

function remarks({ settled, lockedBy, shutDown, poisoned }: LifeContent): string {
  const words = [
    shutDown ? 'shut down' : '',
    poisoned ? 'damaged: every operation fails' : '',
    settled ? '' : 'seen while it changed',
    lockedBy === null ? '' : `member #${lockedBy} has the lock`,
  ].filter(Boolean)
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function regionText(out: Console, { mainRegion, segments }: LifeContent): string {
  if (mainRegion === null) return ''
  const width = Math.min(out.columns, MAP_WIDTH)
  const map = pageMap(mainRegion, segments, { width, rows: MAP_ROWS, colors: out.colors })
  const { size, total, free, largest } = mainRegion
  const title = `Main region of ${formatBytes(size)}`
  const cell = map.pagesPerCell === 1 ? 'a page' : plural(map.pagesPerCell, 'page')
  return (
    `\n${out.colors.bold(title)}\n` +
    sentence(
      out,
      `${formatCount(free)} of ${formatCount(total)} pages free, ` +
        `longest run ${formatCount(largest)}; each character is ${cell}`,
    ) +
    `${map.lines.join('\n')}\n`
  )
}

/** By handle, or by a name that it bears. The newest life first. */
function findSegment(
  { name, lives }: GroupSurvey,
  wanted: string,
): { life: LifeSurvey; segment: SegmentView } {
  const isIt = ({ handle, names }: SegmentView): boolean =>
    String(handle) === wanted || names.includes(wanted)
  for (const life of [...lives].reverse()) {
    const segment = life.content?.segments.find(isIt)
    if (segment) return { life, segment }
  }
  throw gone(name, wanted)
}

const gone = (group: string, segment: string): DsmError =>
  new DsmError('DSM_UNKNOWN_HANDLE', `group "${group}" has no segment "${segment}"`, {
    op: 'inspect',
  })

function inspectSegment(
  out: Console,
  directory: GroupDirectory,
  survey: GroupSurvey,
  wanted: string,
  { json, offset, length }: InspectOptions,
): number {
  const { life, segment } = findSegment(survey, wanted)
  if (segment.state !== 'live') throw gone(survey.name, wanted)
  const bytes = readSegment(directory, life, segment, { offset, length }, mechanism)
  if (bytes === null) throw gone(survey.name, wanted)
  if (json) {
    const hex = Buffer.from(bytes).toString('hex')
    out.write(jsonText({ group: survey.name, segment: segmentReport(segment), offset, hex }))
    return 0
  }
  const content = { ...life.content!, segments: [segment] }
  out.write(`${segmentTable(out, content)}\n${dumpText(bytes, offset)}`)
  const more = segment.size - offset - bytes.length
  if (more > 0) out.write(`… ${formatBytes(more)} more: --offset ${offset + bytes.length}\n`)
  return 0
}

const dumpText = (bytes: Uint8Array, offset: number): string =>
  bytes.length === 0 ? '(no bytes there)\n' : hexdump(bytes, offset)
