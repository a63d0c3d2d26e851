/**
 * A life of a group as one drawing: members and segments with a line for each reference, then the
 * slots, then the pages of the main region. One segment has one colour everywhere. The style is
 * beside it, so that the drawing can also stand alone (`standalonePicture`).
 */
import type { LifeContent } from '@dsm/control'
import { plural } from '../text/format.js'
import { COLORS, WIDTH } from './canvas.js'
import { element as e, type Markup, raw } from './markup.js'
import { drawPages } from './pages.js'
import { drawReferences } from './references.js'
import { drawSlots } from './slots.js'

const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

export const PICTURE_STYLE = `
${COLORS.map((color, at) => `.c${at} { color: ${color} }`).join('\n')}
.dsm text { font-family: ${SANS}; font-size: 13px; fill: #1f2430 }
.dsm .small { font-size: 11.5px; fill: #5a6172 }
.dsm .name { font-weight: 600 }
.dsm .heading { font-size: 12px; font-weight: 600; letter-spacing: .06em; fill: #5a6172 }
.dsm .end { text-anchor: end }
.dsm .card { fill: #f6f5f1; stroke: #dcd8ce }
.dsm .free { fill: #ebe8e0 }
.dsm .header { fill: #a5a9b4 }
.dsm .paper { fill: #ffffff }
.dsm .line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
  opacity: .72 }
.dsm .fill { fill: currentColor }
.dsm .edge { stroke: currentColor; stroke-width: 1.5; fill: none }
.dsm .unfinished { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 3 2.5; fill: none }
.dsm .dead { stroke: #dc4242; stroke-width: 1.5; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
.dsm text { fill: #e8eaf0 }
.dsm .small, .dsm .heading { fill: #a2aabb }
.dsm .card { fill: #222834; stroke: #363e4e }
.dsm .free { fill: #2b323f }
.dsm .header { fill: #6a7284 }
.dsm .paper { fill: #1a1e27 }
.dsm .line { opacity: .85 }
}
`

const GAP = 34

/** Parts below each other. */
function assemble(content: LifeContent): { height: number; markup: Markup[] } {
  const parts = [drawReferences(content), drawSlots(content), drawPages(content)]
  const markup: Markup[] = []
  let y = 0
  for (const part of parts) {
    if (part === null) continue
    if (y > 0) y += GAP
    markup.push(e('g', { transform: `translate(0 ${y})` }, part.markup))
    y += part.height
  }
  return { height: y, markup }
}

const describe = ({ members, segments, mainRegion: region }: LifeContent): string => {
  const pages = region ? ` and a main region of ${plural(region.pages, 'page')}` : ''
  return `${plural(members.length, 'member')}, ${plural(segments.length, 'segment')}${pages}`
}

export function picture(content: LifeContent): Markup {
  const { height, markup } = assemble(content)
  const box = { class: 'dsm', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img' }
  return e('svg', { ...box, 'aria-label': describe(content) }, markup)
}

const MARGIN = 28

/** A file of its own. */
export function standalonePicture(content: LifeContent): string {
  const { height, markup } = assemble(content)
  const size = { width: WIDTH + 2 * MARGIN, height: height + 2 * MARGIN }
  const paper = { class: 'paper', x: -MARGIN, y: -MARGIN, ...size, rx: 16 }
  const svg = e(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'dsm',
      viewBox: `${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`,
      ...size,
      role: 'img',
      'aria-label': describe(content),
    },
    [e('style', {}, [raw(PICTURE_STYLE)]), e('rect', paper), ...markup],
  )
  return `${svg}\n`
}
