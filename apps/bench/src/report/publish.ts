/**
 * Writes what `--report` promises: results.json and RESULTS.md beside the README, the page under
 * build/, and the one plot that the project's README shows.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageDirectory } from '../programs.js'
import { merge, readSessions, type Session } from '../session.js'
import { asMarkdown } from './markdown.js'
import { asPage } from './page.js'
import { plotOf } from './plots.js'

/** The race whose plot matters most. */
const SHOWN = 'hand 64 MiB over, first byte read'

/** @param directory for tests; @returns the files written */
export function publish(session: Session, directory: string = packageDirectory): string[] {
  const data = join(directory, 'results.json')
  const sessions = merge(readSessions(data), session)
  const shown = sessions.flatMap(({ races }) => races).find(([first]) => first?.race === SHOWN)
  const plot = shown === undefined ? null : plotOf(shown)
  const files: [string, string][] = [
    [data, `${JSON.stringify(sessions, null, 1)}\n`],
    [join(directory, 'RESULTS.md'), asMarkdown(sessions)],
    [join(directory, 'build', 'report.html'), asPage(sessions)],
    ...(plot === null
      ? []
      : [
          [join(directory, '..', '..', 'docs', 'images', 'hand-over.svg'), plot] as [
            string,
            string,
          ],
        ]),
  ]
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return files.map(([path]) => path)
}
