/**
 * Where a test keeps its group, and the end of it. Everything here is unique to this test, so that
 * runs side by side do not meet, and what is left on the machine fails the test that left it.
 */
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { local, remainingLocal, resetLocal } from '@dsm/impl-local'
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Dsm, type DsmImpl, type DsmOptions, openDsm } from '../../src/index.js'
import { Member, type Where } from './member.js'

/** Test files run in children of one vitest process, whose pid names the run. */
export const RUN = `dsm-core-test-${process.ppid}`

export type Kind = 'local' | 'posix' | 'sysv' | 'mmap'
export const NATIVE: readonly Kind[] = ['posix', 'sysv', 'mmap']
export const ALL: readonly Kind[] = ['local', ...NATIVE]

const SHM = '/dev/shm'
/** Pids of this run: a System V segment has no name, only a creator. */
const PIDS = join(tmpdir(), `${RUN}.pids`)

export class Place {
  readonly root = mkdtempSync(join(SHM, `${RUN}-`))
  /** DSM_DIR: the parent of the groups. */
  readonly parent = join(this.root, 'groups')
  readonly mmapDir = join(this.root, 'mmap')
  readonly #opened: Dsm[] = []
  readonly #members: Member[] = []
  readonly #before = sysvOfThisRun()
  #names = 0
  name = 'g0'

  /** The group's directory. */
  get dir(): string {
    return join(this.parent, this.name)
  }

  newName(): string {
    this.#names++
    this.name = `g${this.#names}`
    return this.name
  }

  /** Every object of this place has it in its name, but for System V's. */
  get id(): string {
    return basename(this.root)
  }

  get namePrefix(): string {
    return `/${this.id}.<nonce>.`
  }

  /** Objects and files of this place that are on the machine now, System V segments included. */
  left(): string[] {
    return leftovers(this.id).filter(name => name !== this.root && !this.#before.includes(name))
  }

  /** posix objects of this place. */
  objects(): string[] {
    return readdirSync(SHM).filter(name => name.startsWith(`${this.id}.`))
  }

  impl(kind: Kind): DsmImpl {
    if (kind === 'local') return local()
    if (kind === 'sysv') return sysv()
    if (kind === 'mmap') return mmap({ dir: this.mmapDir })
    return posix({ namePrefix: this.namePrefix })
  }

  /** Opens the test's group in this process: small, and silent unless the test gives a logger. */
  open(kind: Kind | null, options: Partial<DsmOptions> = {}): Dsm {
    return this.track(openDsm(this.options(kind, options)))
  }

  options(kind: Kind | null, options: Partial<DsmOptions> = {}): DsmOptions {
    const where = options.dir === undefined ? { name: this.name } : {}
    const impl = kind === null ? {} : { impl: this.impl(kind) }
    const sizes = kind === null ? {} : { maxMembers: 4, maxSegments: 8 }
    return { ...where, ...impl, ...sizes, ...options }
  }

  track(dsm: Dsm): Dsm {
    this.#opened.push(dsm)
    return dsm
  }

  /** A process, or a worker thread, that does what it is told. */
  member(where: Where = 'process', before: string[] = []): Member {
    const member = new Member(where, before)
    this.#members.push(member)
    if (member.pid > 0) appendFileSync(PIDS, `${member.pid}\n`)
    return member
  }

  /** What a child needs to open the test's group. */
  spec(kind: Kind | null, options: Record<string, unknown> = {}): Record<string, unknown> {
    const { impl, ...rest } = this.options(null, options)
    const sizes = kind === null ? {} : { maxMembers: 4, maxSegments: 8 }
    const made = kind === null ? {} : { kind, namePrefix: this.namePrefix, mmapDir: this.mmapDir }
    return { ...made, ...sizes, ...rest, impl }
  }

  /** Ends every member; an error of a close is thrown when all have been ended. */
  async end(): Promise<void> {
    const errors: unknown[] = []
    for (const member of this.#members) await member.kill()
    for (const dsm of this.#opened) {
      try {
        dsm.close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (existsSync(this.mmapDir) && readdirSync(this.mmapDir).length === 0) rmdirSync(this.mmapDir)
    if (errors.length > 0) throw errors[0]
  }
}

/** Before each test a new place; after it, nothing of it is left. */
export function usePlace(): Place {
  let current: Place
  const before = process.env.DSM_DIR
  beforeEach(() => {
    appendFileSync(PIDS, `${process.pid}\n`)
    current = new Place()
    process.env.DSM_DIR = current.parent
  })
  afterEach(async ({ task }) => {
    try {
      await current.end()
      const left = await settled(() => current.left())
      const inside = readdirSync(current.root)
      if (task.result?.state === 'fail') return // what it leaves says nothing more
      expect({ left, inside }).toEqual({ left: [], inside: [] })
    } finally {
      removeAll(current.id)
      if (before === undefined) delete process.env.DSM_DIR
      else process.env.DSM_DIR = before
    }
  })
  return new Proxy({} as Place, {
    get: (_, key) => {
      const value = Reflect.get(current, key, current)
      return typeof value === 'function' ? value.bind(current) : value
    },
  })
}

/** So that a test that fails does not fail the others. */
function removeAll(id: string): void {
  for (const name of readdirSync(SHM).filter(each => each.startsWith(id))) {
    rmSync(join(SHM, name), { recursive: true, force: true })
  }
  resetLocal()
}

/** The memory of big segments is given back on the thread pool: looks again for a while. */
async function settled(look: () => string[]): Promise<string[]> {
  for (let tries = 0; tries < 50 && look().length > 0; tries++) {
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return look()
}

/** Every object and file of this run that is on the machine now. */
export function leftovers(prefix = RUN): string[] {
  const files = readdirSync(SHM)
    .filter(name => name.startsWith(prefix))
    .flatMap(name => [join(SHM, name), ...filesBelow(join(SHM, name))])
  return [...files, ...sysvOfThisRun(), ...remainingLocal()]
}

function filesBelow(path: string): string[] {
  if (!lstatSync(path).isDirectory()) return []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Keys of System V segments that a process of this run created. */
export function sysvOfThisRun(): string[] {
  const pids = new Set(readPids())
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n').slice(1)
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(([, , , , creator]) => pids.has(creator!))
    .map(([key]) => `sysv 0x${(Number(key) >>> 0).toString(16).padStart(8, '0')}`)
}

function readPids(): string[] {
  try {
    return readFileSync(PIDS, 'latin1').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

export function forgetPids(): void {
  writeFileSync(PIDS, '')
  rmSync(PIDS)
}

/** A DsmError of that code. */
export const code = (wanted: string): unknown => expect.objectContaining({ code: wanted })

/** Polls; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 5))
}

/** Letter of /proc/<pid>/stat: T is stopped. */
export function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2)[0]!
}

/** What is logged, by level. */
export function recorder() {
  const lines: string[] = []
  const at = (level: string) => (message: string, fields: object) => {
    lines.push(`${level}: ${message} ${JSON.stringify(fields)}`)
  }
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { lines, logger }
}
