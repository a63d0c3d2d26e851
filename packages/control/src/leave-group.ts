/**
 * Leaving a group, and ending one. Both hold byte 0, so that the last one out and the next one in
 * are never under way together; our own byte goes no later than byte 0. Seed: dsm_backend_shutdown
 * with dsm_postmaster_shutdown for the last one; dsm_postmaster_shutdown.
 */
import { DsmError } from '@dsm/impl'
import { cleanDeadLives, removeGroupFiles } from './dead-lives.js'
import { enterGate } from './gate.js'
import { B, SLOT } from './layout.js'
import { attended, keepsPinned, removeLife, unmapLife } from './life.js'
import type { OpenedGroup } from './open-group.js'
import { evidenceOf } from './removal.js'
import { publish } from './shared-words.js'
import { readState } from './state-file.js'
import type { Steps } from './steps.js'
import { Unfinished } from './unfinished.js'

/**
 * Signs off and unmaps; the last one out removes everything, or with `persist` everything but the
 * pinned segments and what they need. The caller has detached its segments. What cannot be done in
 * an orderly way is left as by a death, for the next open or sweep to clean.
 * @throws RangeError, with nothing touched, if there is not the stack for it; nothing else
 */
export function* leaveGroup(group: OpenedGroup, timeoutMs: number): Steps<void> {
  const { directory, life, member } = group
  member.section.assertRoomToLeave()
  const unfinished = Unfinished.begin(directory.path, 'sync')
  let gate = null
  try {
    gate = yield* enterGate(directory, false, performance.now() + timeoutMs, unfinished)
    const mapped = member.control.words.length > 0 // else a leaving before this one was cut
    if (gate !== null && mapped && signOff(group) && !attended(life.file)) removeIfUnkept(group)
  } catch (error) {
    member.logger.warn('left the group without signing off; the next to open it cleans up', {
      error,
    })
  } finally {
    member.region?.mapping.detach()
    unmapLife(life)
    gate?.close()
    unfinished.end()
  }
}

/**
 * True: nothing of this life needs us any more. A member with something unfinished leaves by death,
 * and only if others live to notice; alone, what is unfinished goes with everything else.
 */
function signOff({ member }: OpenedGroup): boolean {
  if (member.jobsInFlight) return false
  try {
    member.signOff()
  } catch (error) {
    if (!DsmError.isInstance(error)) throw error
    member.logger.debug('could not sign off', { error })
  }
  return true
}

/** Lives that ended before ours, and whose last members have gone since, go with it. */
function removeIfUnkept({ cleaner, directory, impl, life, member }: OpenedGroup): void {
  const { record, control } = life
  if (record.persist && keepsPinned(control)) return
  const others = readState(directory.state).filter(({ nonce }) => nonce !== record.nonce)
  removeLife(directory, record, impl, others, member.logger)
  const inhabited = cleanDeadLives(cleaner)
  for (const { file } of inhabited) file.close()
  if (inhabited.length === 0) removeGroupFiles(directory)
}

/**
 * Ends this life, whoever is attached: from the store of `fenced` on nothing begins in it. The
 * names of all live segments go now; half-made and half-removed ones are finished by their owners.
 * The control segment and the record stay until the last member's byte is free, so that those who
 * are still in can finish; the next open begins another life beside it. The caller leaves
 * afterwards.
 */
export function* endLife(group: OpenedGroup, timeoutMs: number): Steps<void> {
  const { directory, life, member } = group
  const unfinished = Unfinished.begin(directory.path, 'sync')
  const gate = yield* enterGate(directory, false, performance.now() + timeoutMs, unfinished)
  try {
    const { control, namespace } = life
    member.section.begin()
    member.section.enterAlways()
    publish(control.words, control.header(B.fenced), 1)
    member.section.leave()
    member.section.end()
    for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
      const at = control.slot(slot)
      const handle = control.words[at + SLOT.handle]! >>> 0
      if (control.words[at + SLOT.refcnt]! < 2 || (handle & 1) === 1) continue
      namespace.destroy(handle, evidenceOf(control, slot))
    }
  } finally {
    gate?.close()
    unfinished.end()
  }
}
