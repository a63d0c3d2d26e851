/**
 * `getOrCreate`: the segment of a name, made and filled by exactly one member while the others
 * wait. A member that throws or dies in `init` leaves nothing, and the next caller runs it. Seed:
 * GetNamedDSMSegment of PostgreSQL 17, whose entries can never be removed.
 */
import { type NameKey, nameKey, type Steps } from '@dsm/control'
import { DsmError, invalidType } from '@dsm/impl'
import type { CreateOptions, Dsm } from './dsm.js'
import type { JoinedDsm } from './joined-dsm.js'
import type { Making } from './makings.js'
import type { Segment } from './segment.js'

/** What `getOrCreate` gives. */
export interface Named {
  readonly segment: Segment
  /** True: this call made it, and ran `init`. */
  readonly created: boolean
}

const POLL_MS = 1

/** The segment that bears the name; null: we are to make it. Waits while another one does. */
export function* findOrClaim(
  dsm: JoinedDsm,
  key: NameKey,
  size: number,
  timeoutMs: number,
): Steps<Segment | null> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const claim = dsm.member.names.claim(key)
    if (claim === 'ours') return null
    if (claim !== 'busy') {
      const segment = attachNamed(dsm, key, claim.handle, size)
      if (segment !== null) return segment
    }
    if (performance.now() > deadline) throw initTimeout(key.name, timeoutMs)
    yield POLL_MS
  }
}

/** null: it went away meanwhile. @throws DSM_SIZE_MISMATCH, with nothing attached that was not */
function attachNamed(dsm: Dsm, key: NameKey, handle: number, size: number): Segment | null {
  const known = dsm.findMapping(handle)
  const segment = known ?? dsm.attach(handle)
  if (segment === null || segment.size === size) return segment
  if (known === null) segment.detach()
  throw new DsmError(
    'DSM_SIZE_MISMATCH',
    `segment "${key.name}" has ${segment.size} bytes and ${size} were asked for; ask for the ` +
      'same size everywhere, or attach it by lookup()',
    { op: 'getOrCreate' },
  )
}

/** Makes, fills and publishes. What fails leaves neither segment nor claim. */
export function makeNamed(
  dsm: JoinedDsm,
  making: Making,
  size: number,
  init: ((segment: Segment) => void) | undefined,
  options: CreateOptions | undefined,
): Segment {
  try {
    const segment = dsm.create(size, { ...options, nullIfMaxSegments: false })
    making.segment = segment
    init?.(segment)
    dsm.member.names.fulfil(making.key, segment.handle)
    return segment
  } catch (error) {
    giveUp(dsm, making)
    throw error
  }
}

export async function makeNamedAsync(
  dsm: JoinedDsm,
  making: Making,
  size: number,
  init: ((segment: Segment) => void | Promise<void>) | undefined,
  options: CreateOptions | undefined,
): Promise<Segment> {
  try {
    const segment = await dsm.createAsync(size, { ...options, nullIfMaxSegments: false })
    making.segment = segment
    await init?.(segment)
    dsm.member.names.fulfil(making.key, segment.handle)
    return segment
  } catch (error) {
    giveUp(dsm, making)
    throw error
  }
}

function giveUp(dsm: JoinedDsm, making: Making): void {
  try {
    making.segment?.detach()
  } finally {
    dsm.member.names.renounce(making.key)
    making.givenUp = true
  }
}

/**
 * One that was published before it was cut stays, as whoever asked since may have found it.
 * False: something threw, so it has to be done again.
 */
export function giveUpCut(dsm: JoinedDsm, { key, segment }: Making): boolean {
  const { names, logger } = dsm.member
  try {
    if (!names.isMaker(key)) return true
    segment?.detach()
    names.renounce(key)
    return true
  } catch (error) {
    logger.warn('could not give up a name whose getOrCreate was cut', { name: key.name, error })
    return false
  }
}

export function checkNamed(name: string, init: unknown): NameKey {
  if (init !== undefined && typeof init !== 'function') {
    throw invalidType('init', 'a function', init)
  }
  return nameKey(name)
}

const initTimeout = (name: string, timeoutMs: number): DsmError =>
  new DsmError(
    'DSM_LOCK_TIMEOUT',
    `another member is still filling segment "${name}" after ${timeoutMs} ms; ` +
      'its init should be quick',
    { op: 'getOrCreate' },
  )
