/** The rows as a table, ratios first, and as JSON with the machine they were measured on. */
import { cpus, release } from 'node:os'
import Table from 'cli-table3'
import type { Row, Side } from './measure.js'

export interface Machine {
  readonly node: string
  readonly kernel: string
  readonly cpu: string
  readonly cores: number
}

export const machine = (): Machine => ({
  node: process.version,
  kernel: release(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
})

export const asJson = (rows: readonly Row[]): string =>
  JSON.stringify({ machine: machine(), rows }, null, 2)

export function asTable(rows: readonly Row[]): string {
  const { node, kernel, cpu, cores } = machine()
  const table = new Table({
    head: ['work', 'ratio', 'goal', '', 'ours', '', 'compared with', ''],
    style: { head: [], border: [], compact: true },
  })
  for (const { what, backend, ratio, goal, met, sides } of rows) {
    const [ours, theirs] = sides
    const verdict = met ? 'met' : 'not met'
    const goalText = `≤ ${times(goal)}`
    table.push([
      `${what}, ${backend}`,
      times(ratio),
      goalText,
      verdict,
      ours.name,
      time(ours),
      theirs.name,
      time(theirs),
    ])
  }
  const place = `Node ${node}, Linux ${kernel}, ${cores} × ${cpu}`
  return `${table}\n${place}; medians ± half the distance of the quartiles; ratio: ours over theirs`
}

/** As "1.2 ×", and small ones as "1/900". */
const times = (ratio: number): string =>
  ratio < 0.05 ? `1/${Math.round(1 / ratio).toLocaleString('en-US')}` : `${ratio.toFixed(2)} ×`

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const

function time({ median, spread }: Side): string {
  const [unit, size] = UNITS.find(([, size]) => median >= size) ?? ['ns', 1]
  return `${(median / size).toPrecision(3)} ${unit} ± ${(spread * 100).toFixed(0)} %`
}
