/**
 * One of the four that go on: creates a segment, attaches its neighbour's, detaches both, and so
 * on. Every call is timed, and none may fail: its neighbour detaches a segment only after it has
 * put another one on the board.
 */
import { openDsm, type Segment } from '@dsm/core'
import { childOptions } from '../../child.js'
import { warningsTo } from '../../warnings.js'
import { BOARD, type FireOptions, type FireReport, WORKERS } from './protocol.js'

const SIZE = 5_000
/** Every second segment is an object of its own. */
const OBJECT_EVERY = 2

const { group, board, place, canary } = childOptions<FireOptions>()
const tell = (problem: string | null): void => {
  process.send?.({ problem } satisfies FireReport)
}
const logger = warningsTo(tell)
const lockTimeoutMs = canary === null ? 5_000 : 300
const dsm = openDsm({ name: group, logger, lockTimeoutMs })
const shown = dsm.attach(board)
if (shown === null) throw new Error('the board is gone')
const words = new Int32Array(shown.buffer)
const neighbour = (place + 1) % WORKERS

/** A call that throws has failed; what it was to return is missing. */
function timed<T>(what: string, call: () => T): T | undefined {
  const started = performance.now()
  let result: T | undefined
  try {
    result = call()
  } catch (error) {
    Atomics.add(words, BOARD.failed, 1)
    tell(`${what} threw: ${(error as Error).stack}`)
  }
  const took = Math.round((performance.now() - started) * 1000)
  if (took > Atomics.load(words, BOARD.longestCallMicroseconds)) longest(took)
  Atomics.add(words, BOARD.calls + place, 1)
  return result
}

function longest(took: number): void {
  let before = Atomics.load(words, BOARD.longestCallMicroseconds)
  while (took > before) {
    const seen = Atomics.compareExchange(words, BOARD.longestCallMicroseconds, before, took)
    if (seen === before) return
    before = seen
  }
}

/** null is right only if the neighbour has put another one there meanwhile. */
function visit(): void {
  const handle = Atomics.load(words, BOARD.handles + neighbour) >>> 0
  if (handle === 0) return
  const segment = timed('attach', () => dsm.attach(handle))
  if (segment === undefined) return
  const still = Atomics.load(words, BOARD.handles + neighbour) >>> 0 === handle
  if (segment === null && still) {
    Atomics.add(words, BOARD.failed, 1)
    tell(`segment ${handle} is its maker's, and could not be attached`)
  }
  if (segment !== null) timed('detach', () => segment.detach())
}

let own: Segment | undefined
let round = 0

function turn(): void {
  const ownObject = ++round % OBJECT_EVERY === 0
  const made = timed('create', () => dsm.create(SIZE, { ownObject }))
  if (made !== undefined) {
    Atomics.store(words, BOARD.handles + place, made.handle | 0)
    const before = own
    own = made
    if (before !== undefined) timed('detach', () => before.detach())
  }
  visit()
  if (Atomics.load(words, BOARD.stop) === 0) setImmediate(turn)
  else leave()
}

function leave(): void {
  Atomics.store(words, BOARD.handles + place, 0)
  dsm.close()
  process.removeAllListeners('disconnect')
  process.disconnect?.()
}

tell(null)
turn()
