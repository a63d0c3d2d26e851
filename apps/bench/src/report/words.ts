/** Sentences about a session, the same wherever it is shown. */
import type { Session } from '../session.js'
import { figure } from './figures.js'

export function placeOf({ machine, commit }: Session): string {
  const { node, kernel, cpu, cores, memoryBytes, load, postgres } = machine
  const server = postgres === null ? '' : `, PostgreSQL ${postgres}`
  const memory = figure(memoryBytes, 'bytes')
  const place = `Node ${node}, Linux ${kernel}, ${cores} × ${cpu}, ${memory}${server}`
  return `${place}; load ${load.toFixed(1)} before; commit ${commit}`
}

export function extentOf({ date, scale, seconds, races }: Session): string {
  const runs = Math.max(...races.map(({ length }) => length))
  const times = runs === 1 ? 'one run' : `${runs} runs`
  return `${date}, ${times} of the ${scale} form in ${Math.round(seconds)} s`
}

export const HOW_TO_READ =
  'Medians ± half the distance of the quartiles. The ratio is ours over theirs, the median over ' +
  'neighbouring turns, so that a machine that slows down on the way slows both. Where there were ' +
  'several runs, figures are medians of runs.'
