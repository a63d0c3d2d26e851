/**
 * Sweeping is nobody's role: every member has a timer that looks at the sweep clock, and whoever
 * moves it sweeps. Nothing depends on one process, and no timer keeps an event loop alive.
 */
import { DsmError } from '@dsm/impl'
import { B } from './layout.js'
import { isNamed, type Life } from './life.js'
import type { Member } from './member.js'
import { move } from './shared-words.js'

const SWEEP_MS = 1_000

/** The timer of one member, once a second; it keeps no event loop alive. */
export class Sweeper {
  readonly #timer: NodeJS.Timeout

  /** @param swept is called after every look at the clock, also when another member sweeps */
  constructor(life: Life, member: Member, swept: () => void) {
    this.#timer = setInterval(() => {
      if (member.control.words.length === 0) {
        this.stop() // unmapped: a leaving that was cut came so far
        return
      }
      tick(life, member)
      swept()
    }, SWEEP_MS)
    this.#timer.unref()
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer)
  }
}

function tick(life: Life, member: Member): void {
  try {
    member.section.mend() // code from the event loop: no section of ours can be running
    if (!isNamed(life)) member.section.markRemoved()
    sweepIfDue(member)
  } catch (error) {
    if (!DsmError.isInstance(error)) throw error
    member.logger.debug('could not sweep', { error })
  }
}

/** Who cannot sweep leaves it to whoever looks next, and not only when the next second has come. */
function sweepIfDue(member: Member): void {
  const { words } = member.control
  const at = member.control.header(B.sweepClock)
  const before = Atomics.load(words, at)
  const now = Math.floor(Date.now() / SWEEP_MS) & 0x7fff_ffff
  if (now === before || !move(words, at, before, now)) return
  let swept = false
  try {
    member.sweep()
    swept = true
  } finally {
    if (!swept) move(words, at, now, before)
  }
  member.diagnostics.swept()
}
