/**
 * Plots as SVG, drawn by Observable Plot in a document without a browser: lines over a race's axis,
 * bars where there is none, and one of all goals together.
 */
import * as Plot from '@observablehq/plot'
import { Window } from 'happy-dom'
import type { Unit } from '../trial.js'
import { figure } from './figures.js'
import { type Line, medianOf, type Runs, sidesNamed } from './lines.js'

const WIDTH = 720
const OURS = '#1f6feb'
const THEIRS = '#8c959f'
const MISSED = '#cf222e'
const LOG_FROM = 20

const { document } = new Window()

function svg(options: Plot.PlotOptions): string {
  const plot = Plot.plot({
    document: document as unknown as Plot.PlotOptions['document'],
    width: WIDTH,
    ...options,
  })
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  plot.setAttribute('style', 'background: white; color: #24292f')
  return plot.outerHTML
}

interface Point {
  readonly name: string
  readonly at: number | null
  readonly value: number
}

function pointsOf(runs: Runs): Point[] {
  return (runs[0]?.sides ?? []).flatMap(({ name, at }) => {
    const value = medianOf(runs, name)
    return value === null ? [] : [{ name, at, value }]
  })
}

function isWide(values: readonly number[]): boolean {
  return Math.max(...values) / Math.min(...values) > LOG_FROM
}

const axisLabel = (unit: Unit): string =>
  ({ ns: 'time', bytes: 'memory', share: 'part of an equal share' })[unit]

/** null: nothing to draw. */
export function plotOf(runs: Runs): string | null {
  const points = pointsOf(runs)
  if (runs[0] === undefined || points.length < 2) return null
  return runs[0].axis === null ? bars(runs, points) : line(runs, points, runs[0].axis)
}

/** The first is ours, and whoever is called like it. */
function bars(runs: Runs, points: readonly Point[]): string {
  const { unit } = runs[0]!
  const values = points.map(({ value }) => value)
  const wide = isWide(values)
  const from = wide ? Math.min(...values) / 3 : 0
  const texts = { x: 'value', y: 'name', text: (p: Point) => figure(p.value, unit) }
  const [ours] = points
  return svg({
    ariaLabel: runs[0]!.what,
    marginLeft: 210,
    marginRight: 70,
    height: points.length * 28 + 50,
    x: {
      type: wide ? 'log' : 'linear',
      label: `${axisLabel(unit)}${wide ? ', logarithmic' : ''} →`,
      grid: true,
      ticks: 5,
      tickFormat: (value: number) => figure(value, unit),
    },
    y: { label: null, domain: points.map(({ name }) => name) },
    marks: [
      Plot.barX(points, {
        x1: () => from,
        x2: 'value',
        y: 'name',
        fill: ({ name }) => (name === ours?.name || name.startsWith('dsm') ? OURS : THEIRS),
      }),
      Plot.text(points, { ...texts, dx: 4, textAnchor: 'start' }),
    ],
  })
}

function line(runs: Runs, points: readonly Point[], axis: string): string {
  const { unit } = runs[0]!
  const values = points.map(({ value }) => value)
  const wide = isWide(values)
  const ticks = points.flatMap(({ at }) => at ?? [])
  const asBytes = axis === 'bytes'
  const spreads = points.map(point => {
    const half = (sidesNamed(runs, point.name)[0]?.spread ?? 0) * point.value
    return { ...point, low: point.value - half, high: point.value + half }
  })
  return svg({
    ariaLabel: runs[0]!.what,
    marginLeft: 70,
    marginBottom: 45,
    height: 280,
    x: {
      type: 'log',
      label: `${asBytes ? 'size' : axis} →`,
      ticks,
      tickFormat: (value: number) =>
        asBytes ? figure(value, 'bytes') : value.toLocaleString('en-US'),
    },
    y: {
      type: wide ? 'log' : 'linear',
      ...(wide ? {} : { domain: [0, Math.max(...values) * 1.2] }),
      label: `↑ ${axisLabel(unit)}`,
      grid: true,
      ticks: 5,
      tickFormat: (value: number) => figure(value, unit),
    },
    marks: [
      Plot.ruleX(spreads, { x: 'at', y1: 'low', y2: 'high', stroke: OURS, strokeOpacity: 0.5 }),
      Plot.line(points, { x: 'at', y: 'value', stroke: OURS }),
      Plot.dot(points, { x: 'at', y: 'value', fill: OURS }),
    ],
  })
}

/** How far from its goal each ratio is; left of the line is met. */
export function plotOfGoals(lines: readonly Line[]): string | null {
  const points = lines.flatMap(({ work, theirs, ratio, overGoal }) =>
    overGoal === null ? [] : [{ name: `${work} / ${theirs}`, ratio, value: overGoal }],
  )
  if (points.length === 0) return null
  return svg({
    width: 960,
    marginLeft: 460,
    marginRight: 70,
    height: points.length * 20 + 60,
    x: { type: 'log', label: 'ratio over its goal, logarithmic →', grid: true },
    y: { label: null, domain: points.map(({ name }) => name) },
    marks: [
      Plot.ruleX([1], { stroke: MISSED }),
      Plot.dot(points, {
        x: 'value',
        y: 'name',
        fill: ({ value }) => (value <= 1 ? OURS : MISSED),
      }),
      Plot.text(points, { x: 'value', y: 'name', text: 'ratio', dx: 8, textAnchor: 'start' }),
    ],
  })
}
