/**
 * The directory of a group: where it is, and that it is ours alone. It holds `lock` (byte 0 only),
 * `state` and one `members.<nonce>` for each life. Nothing in it is followed through links, and a
 * directory that somebody else could write to is refused rather than mended.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, rmdirSync, rmSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DsmError, invalidType, stringMatching } from '@dsm/impl'
import { systemError } from './system-failure.js'

/** How a group is named: by a name in the default place, or by its directory. */
export interface GroupPlace {
  /** Exactly one of the two. */
  readonly name?: string | undefined
  readonly dir?: string | undefined
}

/** The paths of a group. */
export interface GroupDirectory {
  readonly name: string
  readonly path: string
  /** Made and removed with the group where empty; null if the user named the directory itself. */
  readonly parent: string | null
  readonly lock: string
  readonly state: string
  /** The file whose bytes the members of one life hold. */
  members(nonce: string): string
}

export const NAME_PATTERN = /^[a-z0-9_-]{1,32}$/

/**
 * `/dev/shm/dsm-<uid>/<name>` wherever there is a `/dev/shm`: it lives and dies, and is visible or
 * not, with the memory it describes. Else below the temporary directory. `DSM_DIR` is the parent's
 * place, `dir` the group's own.
 * @throws TypeError, RangeError for a bad name or dir, or both, or neither.
 */
export function groupDirectory(place: GroupPlace): GroupDirectory {
  const { name, dir } = place
  if ((name === undefined) === (dir === undefined)) {
    throw invalidType('options', 'given exactly one of "name" and "dir"', place)
  }
  if (dir !== undefined) {
    stringMatching('dir', dir, /^[^\0]+$/, 'a path')
    const path = resolve(dir)
    return describe(path.slice(path.lastIndexOf('/') + 1), path, null)
  }
  stringMatching('name', name, NAME_PATTERN, '1 to 32 characters of a-z, 0-9, "_" and "-"')
  const parent = process.env.DSM_DIR || join(defaultPlace(), `dsm-${process.getuid?.() ?? 0}`)
  return describe(name, join(resolve(parent), name), resolve(parent))
}

function describe(name: string, path: string, parent: string | null): GroupDirectory {
  return {
    name,
    path,
    parent,
    lock: join(path, 'lock'),
    state: join(path, 'state'),
    members: nonce => join(path, `members.${nonce}`),
  }
}

function defaultPlace(): string {
  try {
    if (lstatSync('/dev/shm').isDirectory()) return '/dev/shm'
  } catch {
    // Not there: not Linux, or a container without it.
  }
  return tmpdir()
}

/**
 * Makes what is missing of parent and directory, 0700, and checks both. False: one of them went
 * meanwhile, with somebody who was the last to leave; try again.
 */
export function makeDirectory(directory: GroupDirectory): boolean {
  const outermost = directory.parent ?? directory.path
  if (makePrivate(outermost)) return directory.parent === null || makePrivate(directory.path)
  if (!existsSync(dirname(outermost))) throw noPlace(outermost)
  return false
}

/** True if it exists, checked; false if it does not. */
export function directoryExists(directory: GroupDirectory): boolean {
  const stats = lstat(directory.path)
  if (stats === null) return false
  const parent = directory.parent === null ? null : lstat(directory.parent)
  if (parent !== null) assertPrivate(directory.parent!, parent)
  assertPrivate(directory.path, stats)
  return true
}

/** Removes directory and parent where they are empty; what is in use stays without a word. */
export function removeDirectory(directory: GroupDirectory): void {
  for (const path of [directory.path, directory.parent]) {
    if (path === null) continue
    try {
      rmdirSync(path)
    } catch {
      return // Not empty, or gone: somebody else's from here on.
    }
  }
}

/** Nothing if it is gone already. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw systemError(error, 'remove', path)
  }
}

/** False: there is nothing to make it in. */
function makePrivate(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    chmodSync(path, 0o700) // a umask can only have taken bits away; ours must be there
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return false // also if it was removed again before the chmod
    if (code !== 'EEXIST') throw systemError(error, 'create', path)
  }
  const stats = lstat(path)
  if (stats !== null) assertPrivate(path, stats)
  return true
}

function lstat(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw systemError(error, 'stat', path)
  }
}

function assertPrivate(path: string, stats: Stats): void {
  const uid = process.getuid?.() ?? stats.uid
  const wrong = stats.isSymbolicLink()
    ? 'it is a symbolic link'
    : !stats.isDirectory()
      ? 'it is no directory'
      : stats.uid !== uid
        ? `it belongs to uid ${stats.uid}, and this process is uid ${uid}`
        : (stats.mode & 0o077) !== 0
          ? `its mode is 0${(stats.mode & 0o777).toString(8)}, and it must be 0700`
          : null
  if (wrong === null) return
  throw new DsmError(
    'DSM_DIR_INSECURE',
    `the directory "${path}" cannot be trusted with shared memory: ${wrong}. ` +
      'Name another with the "dir" option or the DSM_DIR environment variable',
    { op: 'open', segment: path },
  )
}

function noPlace(path: string): DsmError {
  return new DsmError(
    'DSM_NOT_FOUND',
    `the directory "${dirname(path)}" does not exist, so the group's directory cannot be made in ` +
      'it; create it, or name another with the "dir" option or DSM_DIR',
    { op: 'open', segment: path },
  )
}
