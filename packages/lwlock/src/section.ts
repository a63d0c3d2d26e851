/**
 * Sections that may be cut. JavaScript can be stopped between any two steps (a vm timeout, an
 * interrupt, a stack overflow inside clean-up) with no `finally` run and the thread living on; a
 * lock held then would be held for ever. A section is synchronous, which proves a cut:
 *
 * - one found unfinished by a callback of the event loop (a timer of ours) was cut;
 * - so was one found unfinished inside `acquire` or `release` by the next call, as no code of a
 *   user's runs there;
 * - and one begun inside another that now ends.
 *
 * A cut section's lock is abandoned: the next to take it is told to recover. So is that of one
 * whose memory is about to be unmapped. What it is not: a watch over a `Held` that the user has
 * got; that may live across turns of the event loop.
 *
 * One table per thread, on globalThis, so that the ESM and the CommonJS copy of this package agree.
 */
import { setInterval } from 'node:timers'
import { isStackOverflow } from '@dsm/impl'

export const IDLE = 0
/** In `acquire` or `release`: no code of the user's is running. */
export const INSIDE = 1
/** In the function that `run` was given. */
export const RUNNING = 2
/** By a Held that was handed out. */
export const HELD = 3

/** One word of shared memory, as this thread uses it. */
export interface Section {
  phase: number
  /** Whoever may end phase HELD. */
  holder: object | null
  token: number
  /** Set on entry: what gives the lock up if this section is cut. */
  abandon: (token: number) => void
}

interface Table {
  readonly sections: WeakMap<ArrayBufferLike, Map<number, Section>>
  /** Begun and not ended, outermost first. */
  readonly open: Section[]
  watching: boolean
}

const WATCH_MS = 500
const TABLE = Symbol.for('@dsm/lwlock.sections.v1')
const holder = globalThis as { [TABLE]?: Table }
holder[TABLE] ??= { sections: new WeakMap(), open: [], watching: false }
const table: Table = holder[TABLE]
const { open } = table

/** The one section of a word, whatever views and LWLock objects there are of it. */
export function sectionOf(words: Int32Array, index: number): Section {
  watch()
  let ofBuffer = table.sections.get(words.buffer)
  if (ofBuffer === undefined) {
    ofBuffer = new Map()
    table.sections.set(words.buffer, ofBuffer)
  }
  const byte = words.byteOffset + index * 4
  let section = ofBuffer.get(byte)
  if (section === undefined) {
    section = { phase: IDLE, holder: null, token: 0, abandon: () => {} }
    ofBuffer.set(byte, section)
  }
  return section
}

/** Begins acquire or release. False, changing nothing, if `section` is not in phase `from`. */
export function enter(section: Section, from: number): boolean {
  if (open.length > 0) settleInside()
  if (section.phase !== from) return false
  open.push(section)
  section.phase = INSIDE
  return true
}

/** Ends what `enter` began. */
export function leave(section: Section, phase: number): void {
  if (open[open.length - 1] === section) open.length--
  else unwind(section)
  section.phase = phase
}

/** Is any section of this thread unfinished? Cut ones are, until somebody notices. */
export const anySectionOpen = (): boolean => open.length > 0

/**
 * To be called before memory is unmapped: gives up the locks in it that unfinished sections of this
 * thread have. Later that would fail, and they would be held for as long as the thread lives.
 * @throws RangeError for want of stack; to be called again then
 */
export function abandonSectionsIn(buffer: ArrayBufferLike): void {
  const sections = new Set(table.sections.get(buffer)?.values())
  for (let at = open.length - 1; at >= 0; at--) {
    if (!sections.has(open[at]!)) continue
    settle(open[at]!)
    open.splice(at, 1)
  }
}

function settleInside(): void {
  for (let at = open.length - 1; at >= 0; at--) {
    const section = open[at]!
    if (section.phase === RUNNING) continue
    settle(section)
    open.splice(at, 1)
  }
}

/** Those above `section` began after it and never ended. */
function unwind(section: Section): void {
  const at = open.lastIndexOf(section)
  if (at < 0) return
  for (let above = at + 1; above < open.length; above++) settle(open[above]!)
  open.length = at
}

/** Must be called from the event loop only: nothing of ours is on the stack then. */
function settleAll(): void {
  for (const section of open) settle(section)
  open.length = 0
}

/**
 * May itself be cut, and is then done again: giving up what is not ours does nothing.
 * @throws RangeError for want of stack: the next call, with more of it, does it again
 */
function settle(section: Section): void {
  if (section.phase !== INSIDE && section.phase !== RUNNING) return
  try {
    section.abandon(section.token)
  } catch (error) {
    if (isStackOverflow(error)) throw error
    // The memory or the lock file is gone, and with it what could be given back.
  }
  section.phase = IDLE
  section.holder = null
}

function watch(): void {
  if (table.watching) return
  setInterval(settleAll, WATCH_MS).unref()
  table.watching = true
}
