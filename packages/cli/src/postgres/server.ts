/**
 * The dynamic shared memory of a PostgreSQL server (14 to 18), found from its data directory and
 * read only. `postmaster.pid` names the System V segment of the server; its header, at byte 24, the
 * control segment; that one, the rest. Which kind of memory is in use is found by looking.
 * It needs the rights of the server's user.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs'
import { join } from 'node:path'
import { readControlSegment, type SlotView } from '@dsm/control'
import { DsmError, isMainRegionHandle } from '@dsm/impl'
import { findKey, readSystemV } from './system-v.js'

export type Kind = 'posix' | 'sysv' | 'mmap'

export interface ServerSegment extends SlotView {
  readonly kind: 'object' | 'main-region'
  /** null in the main region. */
  readonly osName: string | null
  /** Bytes; null: there is no such object. */
  readonly size: number | null
}

export interface ServerView {
  readonly pid: number
  /** As far as can be seen from here. */
  readonly running: boolean
  readonly major: string
  readonly shmid: number
  /** null: the header names none, or nothing bears its name. */
  readonly kind: Kind | null
  readonly controlHandle: number
  readonly controlName: string | null
  readonly sane: boolean
  readonly maxitems: number
  readonly segments: readonly ServerSegment[]
}

const HEADER_MAGIC = 679_834_894
const HANDLE_AT = 24
const HEADER_BYTES = 28
/** Lines of postmaster.pid. */
const PID_LINE = 0
const SHMEM_LINE = 6

/** @throws DSM_NOT_FOUND: no data directory, or no server; DSM_ACCESS; DSM_FOREIGN; DSM_CORRUPT */
export function viewServer(datadir: string): ServerView {
  const major = readText(join(datadir, 'PG_VERSION'), 'it is no data directory').trim()
  const lines = readText(join(datadir, 'postmaster.pid'), 'no server runs in it').split('\n')
  const pid = Number(lines[PID_LINE])
  const shmid = Number(lines[SHMEM_LINE]?.trim().split(/\s+/)[1])
  const running = isRunning(pid)
  const controlHandle = handleIn(shmid, running)
  const server = { pid, running, major, shmid, controlHandle }
  for (const kind of ['posix', 'sysv', 'mmap'] as const) {
    const place = PLACES[kind]
    const control = controlHandle === 0 ? null : place.bytes(datadir, controlHandle)
    if (control === null) continue
    const { sane, maxitems, slots } = readControlSegment(control)
    const segments = slots
      .filter(({ refcnt }) => refcnt > 0)
      .map(slot => segmentOf(kind, datadir, slot))
    const controlName = place.name(datadir, controlHandle)
    return { ...server, kind, controlName, sane, maxitems, segments }
  }
  return { ...server, kind: null, controlName: null, sane: false, maxitems: 0, segments: [] }
}

function segmentOf(kind: Kind, datadir: string, slot: SlotView): ServerSegment {
  if (isMainRegionHandle(slot.handle)) {
    return { ...slot, kind: 'main-region', osName: null, size: slot.npages * 4096 }
  }
  const osName = PLACES[kind].name(datadir, slot.handle)
  return { ...slot, kind: 'object', osName, size: PLACES[kind].size(datadir, slot.handle) }
}

function readText(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const absent = code === 'ENOENT' || code === 'ENOTDIR'
    const says = absent ? `there is no "${path}": ${otherwise}` : message
    throw new DsmError(absent ? 'DSM_NOT_FOUND' : 'DSM_ACCESS', says, { op: 'pg', cause: error })
  }
}

function handleIn(shmid: number, running: boolean): number {
  if (!Number.isInteger(shmid)) {
    throw new DsmError('DSM_NOT_FOUND', 'postmaster.pid names no shared memory: is it starting?', {
      op: 'pg',
    })
  }
  const bytes = readSystemV(shmid)
  if (bytes === null) {
    const why = running ? '' : '; the server does not run'
    const says = `the server's System V segment ${shmid} is not there${why}`
    throw new DsmError('DSM_NOT_FOUND', says, { op: 'pg' })
  }
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < HEADER_BYTES || words.getUint32(0, true) !== HEADER_MAGIC) {
    const says = `the System V segment ${shmid} is not a PostgreSQL server's`
    throw new DsmError('DSM_FOREIGN', says, { op: 'pg' })
  }
  return words.getUint32(HANDLE_AT, true)
}

/** A process that is dead and not reaped yet does not run. */
function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !['Z', 'X'].includes(status.charAt(status.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

interface Place {
  name(datadir: string, handle: number): string
  size(datadir: string, handle: number): number | null
  /** Of a control segment: at most 3 MB. */
  bytes(datadir: string, handle: number): Uint8Array | null
}

const files = (path: (datadir: string, handle: number) => string): Omit<Place, 'name'> => ({
  size: (datadir, handle) => sizeOf(path(datadir, handle)),
  bytes: (datadir, handle) => bytesOf(path(datadir, handle)),
})

const mmapPath = (datadir: string, handle: number): string =>
  join(datadir, 'pg_dynshmem', `mmap.${handle}`)

/** The keys of System V: the handle as a signed number, made positive. */
const keyOf = (handle: number): number => Math.abs(handle | 0)

const PLACES: Readonly<Record<Kind, Place>> = {
  posix: {
    name: (_, handle) => `/PostgreSQL.${handle}`,
    ...files((_, handle) => `/dev/shm/PostgreSQL.${handle}`),
  },
  sysv: {
    name: (_, handle) => `0x${keyOf(handle).toString(16).padStart(8, '0')}`,
    size: (_, handle) => findKey(keyOf(handle))?.size ?? null,
    bytes: (_, handle) => {
      const found = findKey(keyOf(handle))
      return found === null ? null : readSystemV(found.shmid)
    },
  },
  mmap: { name: mmapPath, ...files(mmapPath) },
}

function sizeOf(path: string): number | null {
  try {
    const stats = lstatSync(path)
    return stats.isFile() ? stats.size : null
  } catch {
    return null
  }
}

/** PostgreSQL's largest: 65,536 slots and the header would do, and theirs are far smaller. */
const CONTROL_BYTES_MAX = 16 * 2 ** 20

function bytesOf(path: string): Uint8Array | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    const says = `could not open shared memory segment "${path}": ${(error as Error).message}`
    throw new DsmError('DSM_ACCESS', says, { op: 'pg', cause: error })
  }
  try {
    const bytes = new Uint8Array(Math.min(fstatSync(file).size, CONTROL_BYTES_MAX))
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(file)
  }
}
