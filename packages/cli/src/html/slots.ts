/** Every slot of the control segment as a small square, in their order. */
import type { LifeContent, SegmentView } from '@dsm/control'
import { formatCount, plural } from '../text/format.js'
import { colorClass, type Part, WIDTH } from './canvas.js'
import { element as e, type Markup } from './markup.js'

const TOP = 24
const CELL = 15
const STEP = 20
const PER_ROW = Math.floor(WIDTH / STEP)
const CELLS_MAX = 24 * PER_ROW

export function drawSlots({ segments, maxSegments, mainRegion }: LifeContent): Part {
  const bySlot = new Map(segments.map(segment => [segment.slot, segment]))
  const shown = Math.min(maxSegments, CELLS_MAX)
  const cells = Array.from({ length: shown }, (_, slot) => {
    const own = slot === mainRegion?.slot
    return cell(slot, bySlot.get(slot), own)
  })
  const used = segments.length + (mainRegion ? 1 : 0)
  const rest = maxSegments > shown ? `; the first ${formatCount(shown)} are drawn` : ''
  const title = `SLOTS: ${formatCount(used)} OF ${formatCount(maxSegments)} IN USE${rest}`
  const height = TOP + Math.ceil(shown / PER_ROW) * STEP - (STEP - CELL)
  return { height, markup: [e('text', { class: 'heading', x: 0, y: 12 }, title), ...cells] }
}

function cell(slot: number, segment: SegmentView | undefined, isRegion: boolean): Markup {
  const x = (slot % PER_ROW) * STEP
  const y = TOP + Math.floor(slot / PER_ROW) * STEP
  const box = { x, y, width: CELL, height: CELL, rx: 4 }
  if (isRegion) {
    const says = `slot ${slot}: the main region`
    return e('rect', { class: 'header', ...box }, [e('title', {}, says)])
  }
  if (segment === undefined) return e('rect', { class: 'free', ...box })
  const { handle, heldBy, state, pinned } = segment
  const color = colorClass(slot)
  const says = `slot ${slot}: ${handle}, ${plural(heldBy.length, 'reference')}`
  const title = e('title', {}, `${says}${pinned ? ', pinned' : ''}, ${state}`)
  if (state !== 'live') return e('rect', { class: `unfinished ${color}`, ...box }, [title])
  return e('rect', { class: `fill ${color}`, ...box }, [title])
}
