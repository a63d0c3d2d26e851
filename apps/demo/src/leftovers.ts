/**
 * What dsm has left on this machine, looked up where it could be: the file systems of POSIX
 * segments, mapped files and group directories, and the kernel's list of System V segments. It
 * removes nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

export interface Leftovers {
  /** Made by this run: there should be none. */
  readonly ours: string[]
  /** Files that look like dsm's, and are somebody else's. */
  readonly others: string[]
  /** Where was looked. */
  readonly places: string[]
}

const SYSV_LIST = '/proc/sysvipc/shm'
/** A large segment without a name is given back by another thread, a moment after its removal. */
const FREED_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 50

/** Looks until nothing of this run is left, or it is clear that it stays. */
export async function lookForLeftovers(
  isOfThisRun: (path: string) => boolean,
  pids: ReadonlySet<number>,
): Promise<Leftovers> {
  const deadline = performance.now() + FREED_WITHIN_MS
  for (;;) {
    const found = findLeftovers(isOfThisRun, pids)
    if (found.ours.length === 0 || performance.now() > deadline) return found
    await setTimeout(LOOK_EVERY_MS)
  }
}

/**
 * @param isOfThisRun of a path
 * @param pids the processes of this run; the kernel says who made a System V segment
 */
export function findLeftovers(
  isOfThisRun: (path: string) => boolean,
  pids: ReadonlySet<number>,
): Leftovers {
  const { DSM_DIR } = process.env
  const directories = [...new Set(['/dev/shm', tmpdir()])]
  const paths = directories.flatMap(directory =>
    entriesOf(directory)
      .filter(name => name.startsWith('dsm'))
      .flatMap(name => withAllBelow(join(directory, name))),
  )
  if (DSM_DIR) paths.push(...withAllBelow(DSM_DIR))
  const segments = sysvSegmentsOf(pids)
  return {
    ours: [...paths.filter(isOfThisRun), ...(segments ?? [])],
    others: paths.filter(path => !isOfThisRun(path)),
    places: [
      ...directories,
      ...(DSM_DIR ? [DSM_DIR] : []),
      ...(segments === null ? [] : [SYSV_LIST]),
    ],
  }
}

function withAllBelow(path: string): string[] {
  return [path, ...entriesOf(path).flatMap(name => withAllBelow(join(path, name)))]
}

/** None for what is no directory, is not ours to read, or went away meanwhile. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Null where the kernel has no such list. */
function sysvSegmentsOf(pids: ReadonlySet<number>): string[] | null {
  let list: string
  try {
    list = readFileSync(SYSV_LIST, 'latin1')
  } catch {
    return null
  }
  const [head = '', ...rows] = list.trimEnd().split('\n')
  const names = head.trim().split(/\s+/)
  return rows
    .map(row => row.trim().split(/\s+/))
    .map(fields => (name: string) => fields[names.indexOf(name)])
    .filter(field => pids.has(Number(field('cpid'))))
    .map(field => {
      const what = field('key') === '0' ? 'removed, but still in memory' : `key ${field('key')}`
      const where = `id ${field('shmid')}, ${field('size')} bytes, made by process ${field('cpid')}`
      return `System V segment ${where} (${what})`
    })
}
