/** System V segments of anybody, by id and by key, as the kernel lists them; to be read only. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DsmError } from '@dsm/impl'

interface SystemV {
  readonly shmid: number
  readonly size: number
}

/** Columns of the kernel's list. */
const KEY = 0
const SHMID = 1
const SIZE = 3

/** null: no segment has that key, or there is no list. */
export function findKey(key: number): SystemV | null {
  return find(fields => Number(fields[KEY]) === key)
}

function find(wanted: (fields: readonly string[]) => boolean): SystemV | null {
  let text: string
  try {
    text = readFileSync('/proc/sysvipc/shm', 'latin1')
  } catch {
    return null
  }
  const rows = text.trim().split('\n').slice(1)
  const found = rows.map(row => row.trim().split(/\s+/)).find(wanted)
  return found ? { shmid: Number(found[SHMID]), size: Number(found[SIZE]) } : null
}

/** ENOENT; EINVAL and EIDRM: no such id, or not any more. */
const GONE: readonly number[] = [2, 22, 43]

/** With shared_memory_type = sysv a server's first segment holds all of its memory. */
const COPY_BYTES_MAX = 2 ** 30

/** A copy of all of it; null: there is none. @throws DSM_ACCESS, DSM_NO_MEMORY */
export function readSystemV(shmid: number): Uint8Array | null {
  const size = find(fields => Number(fields[SHMID]) === shmid)?.size ?? 0
  if (size > COPY_BYTES_MAX) {
    const says =
      `the System V segment ${shmid} has ${size} bytes, and can only be copied whole; ` +
      'the server uses shared_memory_type = sysv'
    throw new DsmError('DSM_NO_MEMORY', says, { op: 'pg' })
  }
  const { copySegment } = createRequire(import.meta.url)('@dsm/impl-sysv') as {
    copySegment(shmid: number): Uint8Array
  }
  try {
    return copySegment(shmid)
  } catch (error) {
    if (DsmError.isInstance(error) && GONE.includes(error.errno ?? 0)) return null
    throw error
  }
}
