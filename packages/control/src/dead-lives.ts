/**
 * Lives without members: what they left is removed by whoever opens the group next, or is the last
 * to leave it. Under byte 0. The mechanism is the one that the life's record names, so that a group
 * whose mechanism was changed is still cleaned.
 * Seed: dsm_cleanup_using_control_segment.
 */
import type { DsmImpl } from '@dsm/impl'
import type { LockFile } from '@dsm/lwlock'
import { type GroupDirectory, removeDirectory, removeFile } from './group-directory.js'
import { attended, keepsPinned, mapLife, openMembersFile, outlives, removeLife } from './life.js'
import type { ControlLogger } from './logger.js'
import { type LifeRecord, readState } from './state-file.js'

/** Gives the mechanism of a kind. @throws DSM_IMPL_MISSING */
export type LoadImpl = (kind: string) => DsmImpl

/** What cleaning needs to know. */
export interface Cleaner {
  readonly directory: GroupDirectory
  /** The mechanism that was asked for; null: none was. */
  readonly impl: DsmImpl | null
  /** For lives that another mechanism made. */
  readonly loadImpl: LoadImpl
  readonly logger: ControlLogger
}

/** A recorded life that can be joined. */
export interface Attended {
  readonly record: LifeRecord
  readonly file: LockFile
}

/**
 * Removes what dead lives left; returns those to be joined, oldest first: with members, or with
 * pinned segments that are to outlive them. Their files are the caller's to close.
 * @throws DSM_IMPL_MISSING: nothing can be started over leftovers that nobody here can remove.
 */
export function cleanDeadLives(cleaner: Cleaner): Attended[] {
  const inhabited: Attended[] = []
  try {
    let records = readState(cleaner.directory.state)
    for (const record of records) {
      const file = joinableFile(cleaner, record)
      if (file !== null) {
        inhabited.push({ record, file })
        continue
      }
      const others = records.filter(other => other !== record)
      removeLife(cleaner.directory, record, implOf(cleaner, record), others, cleaner.logger)
      records = others
    }
  } catch (error) {
    for (const { file } of inhabited) file.close()
    throw error
  }
  return inhabited
}

/** The members' file of a life that can be joined; null: nobody is in, and nothing stays. */
function joinableFile(cleaner: Cleaner, record: LifeRecord): LockFile | null {
  const file = openMembersFile(cleaner.directory, record)
  let joinable = false
  try {
    joinable = file !== null && (attended(file) || sleeps(cleaner, record, file))
  } finally {
    if (!joinable) file?.close()
  }
  return joinable ? file : null
}

export function implOf(cleaner: Cleaner, record: LifeRecord): DsmImpl {
  return cleaner.impl?.kind === record.kind ? cleaner.impl : cleaner.loadImpl(record.kind)
}

/** A life without members that keeps pinned segments, and can: `persist`. */
function sleeps(cleaner: Cleaner, record: LifeRecord, file: LockFile): boolean {
  const impl = implOf(cleaner, record)
  if (!record.persist || !outlives(record, impl)) return false
  const life = mapLife(cleaner.directory, record, impl, file)
  if (life === 'absent' || life === 'insane') return false
  const keeps = keepsPinned(life.control)
  life.mapping.detach()
  life.namespace.close()
  return keeps
}

/** The last thing of a group to go; byte 0 is held. Whoever waits for it sees link count 0. */
export function removeGroupFiles(directory: GroupDirectory): void {
  removeFile(directory.state)
  removeFile(directory.lock)
  removeDirectory(directory)
}
