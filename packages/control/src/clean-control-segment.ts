/**
 * Removing everything that a dead control segment names, ours or PostgreSQL's, and then the control
 * segment itself. It reads a copy, and the copy may be anything: what it names is removed only
 * where the mechanism finds an object of this user's and, for ours, the very one that was recorded.
 * It does not know whether anybody lives: whoever calls it does.
 * Seed: dsm_cleanup_using_control_segment.
 */
import { type DsmEvidence, type DsmNamespace, isMainRegionHandle } from '@dsm/impl'
import { ControlSegment } from './control-segment.js'
import { readControlSegment } from './control-view.js'
import type { ControlLogger } from './logger.js'
import { evidenceOf } from './removal.js'

/** What `cleanControlSegment` removed. */
export interface Cleaned {
  /** False: the bytes were no control segment, and named nothing. */
  readonly sane: boolean
  /** Handles whose names are free now, the control segment's last. */
  readonly removed: readonly number[]
  /** Handles whose names are borne still: by something foreign, or after a failure. */
  readonly left: readonly number[]
}

/**
 * To be called only when nobody uses the control segment any more. Can be repeated: what is gone
 * already counts as removed. Unlike PostgreSQL it removes the control segment of an insane copy
 * too.
 * @param bytes a copy of the control segment; empty if there is none to read.
 * @param controlHandle its handle.
 * @param namespace where its objects are; for a PostgreSQL server of this user's
 *   `posix({ namePrefix: '/PostgreSQL.' })` or `sysv()`, opened with any scope.
 * @throws TypeError, RangeError for what is no handle or no bytes, before anything is removed.
 */
export function cleanControlSegment(
  bytes: Uint8Array | ArrayBuffer,
  controlHandle: number,
  namespace: DsmNamespace,
  logger: ControlLogger,
): Cleaned {
  namespace.osName(controlHandle) // throws for what is none
  const { sane, slots } = readControlSegment(bytes)
  const ours = verified(bytes)
  const named = new Map<number, DsmEvidence | undefined>()
  slots.forEach(({ handle, refcnt }, slot) => {
    if (refcnt === 0 || handle === 0 || isMainRegionHandle(handle)) return
    named.set(handle, ours === null ? undefined : evidenceOf(ours, slot))
  })
  named.delete(controlHandle)
  named.set(controlHandle, undefined)
  const removed: number[] = []
  const left: number[] = []
  for (const [handle, evidence] of named) {
    const gone = removeObject(namespace, handle, evidence, logger)
    if (gone) removed.push(handle)
    else left.push(handle)
  }
  return { sane, removed, left }
}

/** True: its name is free now. Never throws for what the system says: it warns. */
export function removeObject(
  namespace: DsmNamespace,
  handle: number,
  evidence: DsmEvidence | undefined,
  logger: ControlLogger,
): boolean {
  try {
    if (namespace.destroy(handle, evidence)) return true
    const name = namespace.osName(handle)
    logger.warn('left an object that is not ours under a name of ours', { name })
  } catch (error) {
    logger.warn('could not remove an object of a dead group', { handle, error })
  }
  return false
}

/** With what we keep beside PostgreSQL's part; null: theirs, or of another layout. */
function verified(bytes: Uint8Array | ArrayBuffer): ControlSegment | null {
  try {
    return ControlSegment.verify(Uint8Array.from(new Uint8Array(bytes)).buffer)
  } catch {
    return null // another layout: part A is the same in all of them
  }
}
