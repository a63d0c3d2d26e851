/**
 * Removing what dead lives of a group left, by somebody who does not want to open it. It is what
 * the next `openDsm` of that name would do first, by the same rules and under the same byte 0; a
 * life with a member, or one that sleeps, is not touched. Byte 0 is asked for once and not waited
 * for: whoever has it is cleaning already, or is about to be a member.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DsmNamespace, isMainRegionHandle } from '@dsm/impl'
import { LockFile } from '@dsm/lwlock'
import { readControlSegment } from './control-view.js'
import { cleanDeadLives, type LoadImpl, removeGroupFiles } from './dead-lives.js'
import { directoryExists, type GroupDirectory, removeDirectory } from './group-directory.js'
import { attended, copyOfControl, outlives, scopeOf } from './life.js'
import { GATE_BYTE, lockFileAt } from './lock-file-at.js'
import type { ControlLogger } from './logger.js'
import { type LifeRecord, readState } from './state-file.js'
import { systemError } from './system-failure.js'

/** What `cleanGroup` did. */
export interface GroupCleaning {
  /** True: somebody has byte 0; nothing was done. */
  readonly busy: boolean
  /** Lives that were removed, with the names of the objects that went. */
  readonly lives: readonly { readonly nonce: string; readonly objects: readonly string[] }[]
  /** Nothing of the group is left, its directory neither. */
  readonly directoryRemoved: boolean
  /** Files in the directory that nobody here knows: they keep it. */
  readonly unknown: readonly string[]
}

/**
 * Removes what the dead lives of a group left, under byte 0.
 * @throws DSM_IMPL_MISSING, DSM_DIR_INSECURE, and what system calls say. What cannot be removed is
 *   warned of.
 */
export function cleanGroup(
  directory: GroupDirectory,
  loadImpl: LoadImpl,
  logger: ControlLogger,
): GroupCleaning {
  if (!directoryExists(directory)) return outcome(directory, [])
  const gate = takeGate(directory)
  if (gate === 'busy') return { ...outcome(directory, []), busy: true }
  if (gate === null) {
    removeDirectory(directory) // only if it is empty: its maker was killed before the first file
    return outcome(directory, [])
  }
  try {
    const before = readState(directory.state).map(record => ({
      nonce: record.nonce,
      objects: objectsOf(directory, record, loadImpl),
    }))
    const inhabited = cleanDeadLives({ directory, impl: null, loadImpl, logger })
    for (const { file } of inhabited) file.close()
    rmSync(`${directory.state}.new`, { force: true }) // of a writer that was killed
    if (inhabited.length === 0 && !anyUnrecorded(directory)) removeGroupFiles(directory)
    const kept = new Set(inhabited.map(({ record }) => record.nonce))
    const lives = before.filter(({ nonce }) => !kept.has(nonce))
    return outcome(directory, lives)
  } finally {
    gate.close()
  }
}

/** Is somebody in a life that stands in no record, as somebody else has spoilt the state file? */
const anyUnrecorded = (directory: GroupDirectory): boolean =>
  (filesOf(directory) ?? []).some(name => {
    if (!name.startsWith('members.')) return false
    const file = LockFile.open(join(directory.path, name))
    try {
      return attended(file)
    } finally {
      file.close()
    }
  })

/** null: there is no lock file. */
function takeGate(directory: GroupDirectory): LockFile | 'busy' | null {
  const gate = lockFileAt(directory.lock)
  if (gate === null) return null
  let entered = false
  try {
    entered = gate.take(GATE_BYTE) && gate.linkCount() > 0
  } finally {
    if (!entered) gate.close()
  }
  return entered ? gate : 'busy'
}

function outcome(directory: GroupDirectory, lives: GroupCleaning['lives']): GroupCleaning {
  const recorded = readState(directory.state).map(({ nonce }) => `members.${nonce}`)
  const known = ['lock', 'state', ...recorded]
  const files = filesOf(directory)
  if (files === null) return { busy: false, lives, directoryRemoved: true, unknown: [] }
  const unknown = files.filter(name => !known.includes(name))
  return { busy: false, lives, directoryRemoved: false, unknown }
}

/** null: there is no directory, or no more; its last member removes it at any time. */
function filesOf({ path }: GroupDirectory): string[] | null {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw systemError(error, 'open', path)
  }
}

/**
 * Names of the objects of a life that can be there: those its control segment names, itself, and
 * those that carry its nonce. @throws DSM_IMPL_MISSING
 */
export function objectsOf(
  directory: GroupDirectory,
  record: LifeRecord,
  loadImpl: LoadImpl,
): string[] {
  const impl = loadImpl(record.kind)
  if (!outlives(record, impl)) return []
  const namespace = impl.open(scopeOf(directory, record))
  try {
    return handlesOf(namespace, record).map(handle => namespace.osName(handle))
  } finally {
    namespace.close()
  }
}

function handlesOf(namespace: DsmNamespace, record: LifeRecord): number[] {
  const bytes = copyOfControl(namespace, record)
  const named = readControlSegment(bytes)
    .slots.filter(({ refcnt }) => refcnt > 0)
    .map(({ handle }) => handle)
    .filter(handle => handle !== 0 && !isMainRegionHandle(handle))
  const own = bytes.byteLength > 0 ? [record.controlHandle] : []
  const all = new Set([...named, ...own, ...(namespace.enumerate?.() ?? [])])
  return [...all].sort((one, other) => one - other)
}
