/** `dsm pg <datadir>`: the dynamic shared memory of a PostgreSQL server. It only reads. */
import type { Console } from '../console.js'
import { type ServerSegment, type ServerView, viewServer } from '../postgres/server.js'
import { jsonText } from '../report.js'
import { formatBytes, formatHandle, plural } from '../text/format.js'
import { table } from '../text/table.js'

/** What `dsm pg --json` prints. */
export interface PostgresReport {
  readonly version: number
  readonly server: ServerView
}

/** 1: the server is dead and left this; its control segment is damaged; an object is missing. */
export function pg(out: Console, datadir: string, options: { json?: boolean }): number {
  const server = viewServer(datadir)
  if (options.json) out.write(jsonText({ server }))
  else out.write(text(out, server))
  const missing = server.segments.some(({ size }) => size === null)
  return server.running && server.sane && !missing ? 0 : 1
}

function text(out: Console, server: ServerView): string {
  const { colors } = out
  const { pid, major, kind, controlName, controlHandle, maxitems, running, sane, segments } = server
  const state = running ? colors.green(`runs, pid ${pid}`) : colors.red(`pid ${pid} is dead`)
  const lines = [`PostgreSQL ${major} ${state}`]
  if (kind === null)
    lines.push(colors.red(`control segment ${controlHandle}: nothing bears that name`))
  else if (!sane) lines.push(colors.red(`control segment ${controlName}: it is damaged`))
  else {
    lines.push(`control segment ${controlName} (${kind})`)
    lines.push(`${plural(segments.length, 'segment')} in ${maxitems} slots`)
  }
  if (!running) lines.push('What it left is removed when the server is started again.')
  const rows = segments.map(segment => rowOf(segment))
  return `${lines.join('\n')}\n${rows.length > 0 ? `\n${table(COLUMNS, rows, out)}` : ''}`
}

const COLUMNS = [
  { title: 'HANDLE', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'REFS', align: 'right' },
  { title: 'STATE', rank: 2 },
  { title: 'WHERE', min: 12, rank: 1 },
] as const

function rowOf({
  handle,
  size,
  refcnt,
  pinned,
  osName,
  firstPage,
  npages,
}: ServerSegment): string[] {
  const state = refcnt === 1 ? 'being made or removed' : pinned ? 'pinned' : ''
  const pages = `pages ${firstPage}–${firstPage + npages - 1}`
  const bytes = size === null ? 'missing' : formatBytes(size)
  return [formatHandle(handle), bytes, String(refcnt), state, osName ?? pages]
}
