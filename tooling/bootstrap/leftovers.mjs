/**
 * What dsm may leave on a machine, and what of it was left by a run: objects in shared memory,
 * System V segments, temporary directories, and processes that outlive the run that began them.
 * It removes nothing. What a living process of somebody else holds is in use, not left over: two
 * clones can be tested at once.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PLACES = [
  ['/dev/shm', /^dsm/],
  [tmpdir(), /^dsm-/],
]

function list(directory) {
  try {
    return readdirSync(directory)
  } catch {
    return [] // not there, or not ours to see
  }
}

/** Every file below, and a directory itself where it is empty. */
function leaves(path) {
  try {
    if (!lstatSync(path).isDirectory()) return [path]
  } catch {
    return [] // went away just now
  }
  const below = list(path)
  return below.length === 0 ? [path] : below.flatMap(name => leaves(join(path, name)))
}

/** System V segments of ours: [id, attachments]. */
function systemVSegments() {
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1)
    const uid = String(process.getuid?.())
    return rows.map(row => row.trim().split(/\s+/)).filter(row => row[9] === uid)
  } catch {
    return []
  }
}

/** Paths that some process has open or mapped, as far as we may look. */
export function pathsInUse() {
  const inUse = new Set()
  for (const pid of list('/proc').filter(name => /^\d+$/.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      try {
        inUse.add(readlinkSync(`/proc/${pid}/fd/${fd}`))
      } catch {}
    }
    try {
      const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
      for (const [path] of maps.matchAll(/\/\S*\bdsm[.-]\S*/g)) inUse.add(path)
    } catch {}
  }
  return inUse
}

/** What is there now: kind and name of each, as one line. */
export function census() {
  const files = PLACES.flatMap(([directory, pattern]) =>
    list(directory)
      .filter(name => pattern.test(name))
      .flatMap(name => leaves(join(directory, name))),
  )
  const segments = systemVSegments().map(row => `System V segment ${row[1]} (key ${row[0]})`)
  return new Set([...files, ...segments])
}

/** What is there now, was not there before, and nobody uses. */
export function leftSince(before) {
  const found = [...census()].filter(entry => !before.has(entry))
  if (found.length === 0) return []
  const inUse = [...pathsInUse()]
  const attached = new Set(
    systemVSegments().flatMap(row => (row[6] === '0' ? [] : [`System V segment ${row[1]} `])),
  )
  return found.filter(entry => {
    if (!entry.startsWith('/')) return !attached.has(entry.slice(0, entry.indexOf('(')))
    const group = entry.slice(0, entry.lastIndexOf('/'))
    const sibling = group === '/dev/shm' || group === tmpdir() ? entry : `${group}/`
    return !inUse.some(path => path.startsWith(sibling))
  })
}

/** Processes of one session, as `setsid` made it, that still live. */
export function processesOf(session) {
  return list('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, , , inSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(inSession) !== session || state === 'Z') return []
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      return [`process ${pid}: ${words.slice(0, 100)}`]
    } catch {
      return []
    }
  })
}
