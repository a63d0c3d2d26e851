/** Figures as people read them. */
import type { Goal, Unit } from '../trial.js'

const TIMES = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const
const BYTES = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
] as const

function inUnits(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, size] = units.find(([, size]) => Math.abs(value) >= size) ?? units.at(-1)!
  const count = value / size
  return `${Math.abs(count) >= 100 ? Math.round(count) : count.toPrecision(3)} ${unit}`
}

export function figure(value: number, unit: Unit): string {
  if (unit === 'share') return percent(value)
  return inUnits(value, unit === 'ns' ? TIMES : BYTES)
}

export const percent = (part: number): string => `${Math.round(part * 100)} %`

/** As "1.20 ×", and small ones as "1/900". */
export const times = (ratio: number): string =>
  ratio < 0.05 ? `1/${Math.round(1 / ratio).toLocaleString('en-US')}` : `${ratio.toFixed(2)} ×`

export function goalText(goal: Goal | null): string {
  if (goal === null) return ''
  if ('times' in goal) return `≤ ${times(goal.times)}`
  if ('plusNs' in goal) return `≤ + ${figure(goal.plusNs, 'ns')}`
  return `rate ≥ ${times(goal.rate)}`
}
