/**
 * `openDsm`: joins the group, or makes it when nobody is in it.
 * Seed: dsm_postmaster_startup or dsm_backend_startup, as the case may be.
 */
import { type OpenedGroup, openAndHold, runAsync, runSync } from '@dsm/control'
import { invalidType } from '@dsm/impl'
import type { Dsm } from './dsm.js'
import { JoinedDsm } from './joined-dsm.js'
import { checkOptions, type DsmOptions } from './options.js'

/**
 * Joins the group, or makes it where nobody is in it.
 * @throws TypeError, RangeError for bad options; DSM_NOT_FOUND (no group, and no impl to make one),
 *   DSM_IN_USE, DSM_IMPL_MISSING, DSM_IMPL_MISMATCH, DSM_LAYOUT_MISMATCH, DSM_TOO_MANY_MEMBERS,
 *   DSM_DIR_INSECURE, DSM_LOCK_TIMEOUT, DSM_NO_SPACE, …
 */
export function openDsm(options: DsmOptions): Dsm {
  const checked = checkOptions(options)
  return runSync(openAndHold(checked, 'sync', group => new JoinedDsm(group, checked.lockTimeoutMs)))
}

/** As openDsm, waiting for locks between turns of the event loop. Rejects with AbortError. */
export async function openDsmAsync(options: DsmOptions & { signal?: AbortSignal }): Promise<Dsm> {
  const checked = checkOptions(options)
  const { signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidType('signal', 'an AbortSignal', signal)
  }
  const hold = (group: OpenedGroup) => new JoinedDsm(group, checked.lockTimeoutMs)
  return runAsync(openAndHold(checked, 'async', hold), signal)
}
