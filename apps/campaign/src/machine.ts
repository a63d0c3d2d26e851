/**
 * What the operating system says: the objects there are, and what this process holds of them. Read
 * from /proc and directories only, so that the library under test is not asked about itself.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Backend } from './campaign.js'

export interface Holdings {
  readonly descriptors: number
  /** Lines of /proc/self/maps. */
  readonly mappings: number
  /** Of those, the ones that others can see: ours, while V8's are private. */
  readonly sharedMappings: number
  /** bytes of this process in shared memory */
  readonly sharedMemory: number
  /** bytes */
  readonly residentMemory: number
}

/** Empty if it is not there, or goes while we look. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

const SHARED = /^\S+ ...s /

export function holdings(): Holdings {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kilobytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return {
    descriptors: list('/proc/self/fd').length,
    mappings: maps.length,
    sharedMappings: maps.filter(line => SHARED.test(line)).length,
    sharedMemory: kilobytes('RssShmem'),
    residentMemory: kilobytes('VmRSS'),
  }
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const TURNS = 5
const TURN_MS = 30

/** Collects garbage and lets finalizers run, until nothing is under way any more. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    gc()
    await new Promise(resolve => setTimeout(resolve, TURN_MS))
  }
}

/** Where the objects of one life are, told from the name of any of them. */
export class Objects {
  readonly #backend: Backend
  /** posix: what a name begins with; mmap: the directory. */
  readonly #place: string

  readonly #ours: ReadonlySet<string> | null

  /** @param ours sysv: what this process made in this group; null: it is in no other. */
  constructor(backend: Backend, osName: string, ours: ReadonlySet<string> | null = null) {
    this.#backend = backend
    this.#ours = ours
    this.#place = backend === 'mmap' ? dirname(osName) : osName.replace(/\d+$/, '')
  }

  /**
   * Names as `segment.osName` has them. sysv: only those made by processes of `makers`; one
   * that was removed while somebody was attached has lost its key, and is named for its id.
   */
  list(makers: ReadonlySet<number>): Set<string> {
    if (this.#backend === 'mmap') {
      return new Set(list(this.#place).map(name => `${this.#place}/${name}`))
    }
    if (this.#backend === 'posix') {
      const names = list('/dev/shm').map(name => `/${name}`)
      return new Set(names.filter(name => name.startsWith(this.#place)))
    }
    const others = new Set([...makers].filter(pid => pid !== process.pid))
    if (this.#ours === null || !makers.has(process.pid)) return new Set(systemVKeys(makers))
    const ours = keysOfThisProcess().filter(key => this.#ours?.has(key))
    return new Set([...ours, ...systemVKeys(others)])
  }
}

export const keysOfThisProcess = (): string[] => systemVKeys(new Set([process.pid]))

const REMOVED = 'removed segment '

/** It goes with its last attachment, and needs no slot any more. */
export const isRemoved = (name: string): boolean => name.startsWith(REMOVED)

function systemVKeys(makers: ReadonlySet<number>): string[] {
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1)
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(row => makers.has(Number(row[4])))
    .map(([key, id]) => {
      const name = `0x${(Number(key) >>> 0).toString(16).padStart(8, '0')}`
      return Number(key) === 0 ? `${REMOVED}${id}` : name
    })
}

/** The directory of a group in the default place; it goes with the group. */
export function groupDirectory(name: string): string {
  const parent = process.env.DSM_DIR || `/dev/shm/dsm-${process.getuid?.()}`
  return `${parent}/${name}`
}

export const isGone = (path: string): boolean => !existsSync(path)

/** One letter: R runs, S sleeps, T is stopped, Z is dead and not reaped. */
export const stateOf = (pid: number): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]

const NONCE_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** For a scope of our own: nobody else has it. */
export const newNonce = (): string =>
  Array.from(randomBytes(13), byte => NONCE_LETTERS[byte & 31]).join('')
