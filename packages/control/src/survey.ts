/**
 * A group seen from outside, by nobody's member: which lives it has, whether anybody is in them,
 * and what their control segments say. It makes nothing, removes nothing, takes no lock and waits
 * for none: bytes of lock files are asked about, control segments are mapped and copied.
 *
 * "Dead" is said only if it was true at one instant. A life's record is written, its objects made
 * and its first member's byte taken by somebody who holds byte 0. So the record is read, byte 0 is
 * seen free, the members' bytes are seen free, and the record is read again, in this order. While
 * byte 0 is held the answer is "busy".
 */
import { DsmError } from '@dsm/impl'
import type { LockFile } from '@dsm/lwlock'
import type { LoadImpl } from './dead-lives.js'
import { directoryExists, type GroupDirectory } from './group-directory.js'
import { attended, keepsPinned, mapLife, openMembersFile, outlives } from './life.js'
import { type LifeContent, lifeContent } from './life-content.js'
import { GATE_BYTE, lockFileAt } from './lock-file-at.js'
import { type LifeRecord, readState } from './state-file.js'
import { sleep } from './steps.js'

/**
 * live: somebody is in. asleep: nobody is, and pinned segments are kept (`persist`). dead: nobody
 * is, and the next `openDsm`, or a clean-up, removes what is left. busy: somebody is opening,
 * closing or cleaning the group at this moment.
 */
export type LifeState = 'live' | 'asleep' | 'dead' | 'busy'

/** One life of a group as it looks from outside. */
export interface LifeSurvey {
  readonly record: LifeRecord
  readonly state: LifeState
  /** null: it cannot be read, and `problem` says why; or there is nothing left to read. */
  readonly content: LifeContent | null
  readonly problem: DsmError | null
}

/** A group as it looks from outside. */
export interface GroupSurvey {
  readonly name: string
  readonly path: string
  /** False: there is no such group. */
  readonly exists: boolean
  /** Oldest first; `openDsm` joins the last one if it can. */
  readonly lives: readonly LifeSurvey[]
}

const TRIES = 50
const PAUSE_MS = 1

/** Looks at a group. @throws DSM_DIR_INSECURE, DSM_ACCESS, DSM_IO, … for its directory and files */
export function surveyGroup(directory: GroupDirectory, loadImpl: LoadImpl): GroupSurvey {
  const { name, path } = directory
  for (let tries = 1; ; tries++) {
    if (!directoryExists(directory)) return { name, path, exists: false, lives: [] }
    const before = readState(directory.state)
    const gateHeld = isGateHeld(directory)
    const lives = before.map(record => surveyLife(directory, record, gateHeld, loadImpl))
    const same = JSON.stringify(before) === JSON.stringify(readState(directory.state))
    const certain = same && !lives.some(({ state }) => state === 'busy')
    if (certain || tries === TRIES) return { name, path, exists: true, lives }
    sleep(PAUSE_MS)
  }
}

/** True: somebody opens, leaves, ends or cleans it now. */
function isGateHeld(directory: GroupDirectory): boolean {
  const gate = lockFileAt(directory.lock)
  if (gate === null) return false
  try {
    return gate.probe(GATE_BYTE)
  } finally {
    gate.close()
  }
}

function surveyLife(
  directory: GroupDirectory,
  record: LifeRecord,
  gateHeld: boolean,
  loadImpl: LoadImpl,
): LifeSurvey {
  const file = openMembersFile(directory, record)
  try {
    const live = file !== null && attended(file)
    const view = file === null ? nothing : look(directory, record, file, loadImpl)
    const { keeps, ...found } = view
    const unattended = gateHeld ? 'busy' : keeps ? 'asleep' : 'dead'
    return { record, ...found, state: live ? 'live' : unattended }
  } finally {
    file?.close()
  }
}

interface Look {
  readonly content: LifeContent | null
  readonly problem: DsmError | null
  /** It outlives its members. */
  readonly keeps: boolean
}

const nothing: Look = { content: null, problem: null, keeps: false }

function look(
  directory: GroupDirectory,
  record: LifeRecord,
  file: LockFile,
  loadImpl: LoadImpl,
): Look {
  try {
    const impl = loadImpl(record.kind)
    if (!outlives(record, impl)) return nothing
    const life = mapLife(directory, record, impl, file)
    if (typeof life === 'string') return { ...nothing, problem: unreadable(life) }
    try {
      const keeps = record.persist && keepsPinned(life.control)
      return { content: lifeContent(life), problem: null, keeps }
    } finally {
      life.mapping.detach()
      life.namespace.close()
    }
  } catch (error) {
    return { ...nothing, problem: DsmError.isInstance(error) ? error : unusable(error) }
  }
}

/** A record that no mechanism can do anything with: its options are none. */
const unusable = (cause: unknown): DsmError =>
  new DsmError('DSM_CORRUPT', `its record is damaged: ${(cause as Error).message}`, {
    op: 'inspect',
    cause,
  })

const unreadable = (why: 'absent' | 'insane'): DsmError =>
  why === 'absent'
    ? new DsmError('DSM_REMOVED', 'its control segment is gone', { op: 'inspect' })
    : new DsmError('DSM_CORRUPT', 'its control segment is damaged, or is not ours', {
        op: 'inspect',
      })
