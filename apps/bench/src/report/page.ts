/** One self-contained page: the plots and the tables of all sessions. No script, nothing loaded. */
import type { Session } from '../session.js'
import { hasGoal, type Line, linesOf, type Runs } from './lines.js'
import { plotOf, plotOfGoals } from './plots.js'
import { extentOf, HOW_TO_READ, placeOf } from './words.js'

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em;
  color: #24292f; background: white }
table { border-collapse: collapse; margin: 1em 0 }
th, td { text-align: left; padding: 2px 12px 2px 0; border-bottom: 1px solid #d0d7de;
  font-variant-numeric: tabular-nums }
.met { color: #1a7f37 } .missed { color: #cf222e }
svg { max-width: 100%; height: auto }`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const cell = (text: string, kind = ''): string => `<td class="${kind}">${escaped(text)}</td>`

const COLUMNS = ['ratio', 'goal', '', 'ours', '', 'compared with', '', 'each run', 'range']

function row(line: Line, work: string): string {
  const kind = line.verdict === 'met' ? 'met' : line.goal === '' ? '' : 'missed'
  const { ratio, goal, ours, oursFigure, theirs, theirsFigure, runs, range } = line
  const rest = [ours, oursFigure, theirs, theirsFigure, runs, range].map(text => cell(text))
  return `<tr>${work}${cell(ratio)}${cell(goal)}${cell(line.verdict, kind)}${rest.join('')}</tr>`
}

function table(lines: readonly Line[], withWork: boolean): string {
  const columns = withWork ? ['work', ...COLUMNS] : COLUMNS
  const head = columns.map(name => `<th>${name}</th>`).join('')
  const rows = lines.map(line => row(line, withWork ? cell(line.work) : ''))
  return `<table><tr>${head}</tr>${rows.join('\n')}</table>`
}

function raceSection(runs: Runs): string {
  const [first] = runs
  if (first === undefined) return ''
  const plot = plotOf(runs) ?? ''
  return `<h3>${escaped(first.what)}</h3>\n${plot}\n${table(linesOf(runs), false)}`
}

function sessionSection(session: Session): string {
  const goals = session.races.flatMap(linesOf).filter(hasGoal)
  const overview = plotOfGoals(goals)
  return [
    `<h2>${escaped(extentOf(session))}</h2><p>${escaped(placeOf(session))}</p>`,
    ...(overview === null ? [] : [`<h3>Goals</h3>${overview}${table(goals, true)}`]),
    ...session.races.map(raceSection),
  ].join('\n')
}

export const asPage = (sessions: readonly Session[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>dsm: how fast</title>
<style>${STYLE}</style></head>
<body><h1>dsm: how fast</h1><p>${HOW_TO_READ}</p>
${sessions.map(sessionSection).join('\n')}
</body></html>
`
