/**
 * Taking an entry of the member table and giving it back. The caller holds byte 0 of the group's
 * lock file; a kill at any step leaves a free byte, which is all that others ask.
 *
 * To register: read the entry's generation g, see that byte(g) is free, take byte(g+1), read the
 * generation again (changed: give the byte back, next entry), store g+1. The old token dies with
 * that store. `live` follows under the control lock, after recovery of what the entry's last
 * incarnation left (`Member.join`).
 */

import { statSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { DsmError } from '@dsm/impl'
import { byteOf, type LockFile, tokenOf } from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { MEMBER } from './layout.js'
import { nextGeneration } from './owner-word.js'
import { publish, store, storeWide } from './shared-words.js'

export interface Registration {
  readonly member: number
  readonly token: number
}

/**
 * Claims the first entry that no living incarnation has.
 * @throws DSM_TOO_MANY_MEMBERS with the pids of those who are in.
 */
export function claimEntry(control: ControlSegment, file: LockFile): Registration {
  const { words, geometry } = control
  for (let member = 0; member < geometry.maxMembers; member++) {
    const at = control.member(member) + MEMBER.generation
    const generation = Atomics.load(words, at)
    if (file.probe(byteOf(tokenOf(member, generation)))) continue
    const next = nextGeneration(generation)
    const token = tokenOf(member, next)
    if (!file.take(byteOf(token))) continue
    if (Atomics.load(words, at) !== generation) {
      file.release(byteOf(token))
      continue
    }
    publish(words, at, next)
    return { member, token }
  }
  throw tooManyMembers(control)
}

/** Fills in who we are; `live` last. Under the control lock. */
export function goLive(control: ControlSegment, member: number): void {
  const { words } = control
  const at = control.member(member)
  store(words, at + MEMBER.pid, process.pid)
  store(words, at + MEMBER.threadId, threadId)
  storeWide(words, at + MEMBER.startedAt, Date.now())
  store(words, at + MEMBER.pidNamespace, pidNamespace)
  store(words, at + MEMBER.uid, process.getuid?.() ?? -1)
  publish(words, at + MEMBER.live, 1)
}

/** True if the last incarnation of this entry never signed off. */
export const leftBehind = (control: ControlSegment, member: number): boolean =>
  Atomics.load(control.words, control.member(member) + MEMBER.live) !== 0

/** Inode of our PID namespace, for messages: pids of another one mean nothing here. */
const pidNamespace = ((): number => {
  try {
    return statSync('/proc/self/ns/pid').ino | 0
  } catch {
    return 0
  }
})()

function tooManyMembers(control: ControlSegment): DsmError {
  const { words, geometry } = control
  const pids: number[] = []
  for (let member = 0; member < geometry.maxMembers; member++) {
    pids.push(words[control.member(member) + MEMBER.pid]!)
  }
  const shown = pids.slice(0, 16).join(', ') + (pids.length > 16 ? ', …' : '')
  return new DsmError(
    'DSM_TOO_MANY_MEMBERS',
    `all ${geometry.maxMembers} members of this group are in use (pids ${shown}); close one, or ` +
      'let the first opener make the group with a larger maxMembers',
    { op: 'open' },
  )
}
