/**
 * A private copy of a control segment as it was at one instant, taken by somebody who is no member,
 * takes no lock and stores nothing: copied, then compared with the original while the lock word is
 * free, until both agree. Under load that may need several tries; the tries are bounded, and the
 * last copy says of itself that it is not settled.
 *
 * Not for deciding anything that is then stored: members take the lock.
 */
import { WAITERS } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { sleep } from './steps.js'

export interface SteadyCopy {
  readonly copy: ControlSegment
  /** True: of one instant, between two locked sections. False: somebody was changing it. */
  readonly settled: boolean
  /** Token of whoever had the lock when the last try was made; 0: nobody. */
  readonly holder: number
}

const TRIES = 200
/** A pause lets a busy writer leave its section, and this thread's core to it. */
const TRIES_WITHOUT_PAUSE = 20
const PAUSE_MS = 0.1

export function steadyCopy(control: ControlSegment): SteadyCopy {
  const copy = control.privateCopy()
  const lock = copy.lock
  for (let tries = 1; ; tries++) {
    copy.words.set(control.words)
    const free = copy.words[lock] === 0
    const settled = free && sameBytes(copy.words, control.words)
    if (settled || tries === TRIES) {
      return { copy, settled, holder: copy.words[lock]! & ~WAITERS }
    }
    if (tries > TRIES_WITHOUT_PAUSE) sleep(PAUSE_MS)
  }
}

const sameBytes = (one: Int32Array, other: Int32Array): boolean =>
  Buffer.compare(bytesOf(one), bytesOf(other)) === 0

const bytesOf = (words: Int32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
