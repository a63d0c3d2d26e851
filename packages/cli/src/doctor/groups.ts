/** Checks of the groups: their place, what the dead left, and objects that no group knows of. */
import { lstatSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { groupsParent } from '@dsm/control'
import { DsmError } from '@dsm/impl'
import { type Found, findAll } from '../groups.js'
import { groupReport, isWrong } from '../report.js'
import { plural, printable } from '../text/format.js'
import { type Finding, finding, ok } from './finding.js'
import type { System } from './system.js'

export function checkGroups(system: System): Finding[] {
  const files = join(tmpdir(), `dsm-${system.uid}`)
  const mmap = checkPlace(files, system.uid, { id: 'mmap-place', holds: 'the files of mmap()' })
  const place = checkPlace(groupsParent(), system.uid, { id: 'place', holds: 'groups' })
  return [mmap, ...(place.level === 'error' ? [place] : [place, ...checkFound(system)])]
}

function checkFound(system: System): Finding[] {
  try {
    const found = findAll([])
    return [checkLeftovers(found), ...checkOrphans(system, found)]
  } catch (error) {
    if (!DsmError.isInstance(error)) throw error
    return [finding('groups', 'error', error.message, null)]
  }
}

interface Purpose {
  readonly id: string
  readonly holds: string
}

/** A directory has to be ours alone, as `openDsm` will have it. */
export function checkPlace(path: string, uid: number, { id, holds }: Purpose): Finding {
  let stats: ReturnType<typeof lstatSync>
  try {
    stats = lstatSync(path)
  } catch {
    return ok(id, `${holds} are kept in ${path}, which the first one makes`)
  }
  const wrong = stats.isSymbolicLink()
    ? 'is a symbolic link'
    : !stats.isDirectory()
      ? 'is no directory'
      : uid >= 0 && stats.uid !== uid
        ? `belongs to uid ${stats.uid}, and not to uid ${uid}`
        : (stats.mode & 0o077) !== 0
          ? `has mode 0${(stats.mode & 0o777).toString(8)}, and must have 0700`
          : null
  if (wrong === null) return ok(id, `${holds} are kept in ${path}`)
  const mend =
    'openDsm refuses it (DSM_DIR_INSECURE). If it is yours: chmod 700; else name a private ' +
    'directory with DSM_DIR, or with the dir of mmap()'
  return finding(id, 'error', `${path}, where ${holds} are kept, ${wrong}`, mend)
}

function checkLeftovers(found: readonly Found[]): Finding {
  const reports = found.map(groupReport)
  const wrong = reports.filter(isWrong)
  if (wrong.length === 0) return ok('groups', `${plural(reports.length, 'group')}, none dead`)
  const dead = wrong.filter(({ lives }) => lives.every(({ state }) => state === 'dead'))
  const names = wrong.map(({ name, state }) => `${printable(name)} (${state})`).join(', ')
  const mend = dead.length === wrong.length ? 'dsm clean' : 'See dsm ls; dsm clean removes the dead'
  return finding('groups', 'warning', `groups that are dead or damaged: ${names}`, mend)
}

const OBJECT = /^dsm\.([a-z2-7]{13})\.\d{1,10}$/
const SHOWN = 3

/**
 * Objects with a life's nonce in their name, and no such life in the default place. A group with a
 * directory of its own may own them: so they are named here, and `clean` does not touch them.
 */
function checkOrphans(system: System, found: readonly Found[]): Finding[] {
  const nonces = new Set(
    found.flatMap(({ survey }) => survey?.lives.map(({ record }) => record.nonce) ?? []),
  )
  const orphans = system
    .list('/dev/shm')
    .filter(name => !nonces.has(OBJECT.exec(name)?.[1] ?? name) && OBJECT.test(name))
    .filter(name => isOurs(`/dev/shm/${name}`, system.uid))
  if (orphans.length === 0) return []
  const shown = orphans.slice(0, SHOWN).join(', ') + (orphans.length > SHOWN ? ', …' : '')
  return [
    finding(
      'orphans',
      'note',
      `${plural(orphans.length, 'object')} in /dev/shm of no group in ${groupsParent()}: ${shown}`,
      'They may be of a group with a directory of its own (dir): dsm ls <directory>. If no such ' +
        'group exists any more, remove them with rm',
    ),
  ]
}

function isOurs(path: string, uid: number): boolean {
  try {
    return lstatSync(path).uid === uid
  } catch {
    return false
  }
}

export function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return '' // no entry for this uid, as in many a container
  }
}
