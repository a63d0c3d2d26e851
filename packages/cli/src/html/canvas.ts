/** What all parts of the drawing share: its width, and the colours of segments. */
import type { Markup } from './markup.js'

/** Of the drawing; heights follow from what is in it. */
export const WIDTH = 960

/** A part of the drawing, and how high it is. */
export interface Part {
  readonly height: number
  readonly markup: readonly Markup[]
}

export const COLORS = [
  '#3b76e1',
  '#c77700',
  '#0f9468',
  '#d6398a',
  '#7f56d9',
  '#0e8fae',
  '#dc4242',
  '#5f9413',
  '#d9631e',
  '#5b5fe0',
  '#b03bc4',
  '#128f86',
]

/** Of the segment in that slot. */
export const colorClass = (slot: number): string => `c${slot % COLORS.length}`
