/**
 * A test file's servers and groups, and the end of them: `useJudge` gives them, ends them, and
 * adds the test that nothing of them is left on the machine.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs'
import type { Server as Turn } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Child } from './child.js'
import { compiler, judged, programs, user } from './programs.js'
import { Server } from './server.js'
import { takeTurn } from './turn.js'

const STEWARD = new URL('../children/steward.mjs', import.meta.url)
const MEMBER = new URL('../children/member.mjs', import.meta.url)
/** Another judge's whole file may have to end first. */
const TURN_MS = 150_000
const REMOVE_SEGMENT = 'ipcrm'
const SHM = '/dev/shm'
const HELPER = join(import.meta.dirname, '..', '..', 'native', 'control-handle.c')

export class Judge {
  readonly #base = mkdtempSync(join(tmpdir(), 'dsm-judge-'))
  readonly #servers: Server[] = []
  readonly #members: Child[] = []
  readonly #before = new Set(namesInMemory())
  readonly #turn: Turn
  #directories = 0

  private constructor(turn: Turn) {
    this.#turn = turn
    chownSync(this.#base, user.uid, user.gid)
  }

  static async begin(): Promise<Judge> {
    return new Judge(await takeTurn(`dsm-judge-${user.uid}`))
  }

  /** A directory of the server's user. */
  directory(): string {
    const path = join(this.#base, `d${++this.#directories}`)
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, user.uid, user.gid)
    return path
  }

  /** A server with an empty database, which is not started. */
  async server(): Promise<Server> {
    const base = this.directory()
    const helper = [
      HELPER,
      '-O1',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      join(base, 'control-handle'),
    ]
    execFileSync(compiler, helper, { timeout: 30_000 })
    const { bin, major } = programs!
    const server = new Server(
      new Child(STEWARD, { ...user, root: this.#base, bin, base }),
      base,
      major,
    )
    this.#servers.push(server)
    await server.steward.call('make')
    return server
  }

  /** A process that can join a group of ours, under the servers' user. */
  member(): Child {
    const member = new Child(MEMBER, { ...user, root: this.#base })
    this.#members.push(member)
    return member
  }

  /**
   * Objects of the servers' user with PostgreSQL's names that were not there at first, and are not
   * those of a server of that user's that is none of ours.
   */
  left(): string[] {
    const found = namesInMemory().filter(name => !this.#before.has(name))
    if (found.length === 0) return []
    const used = usedByOtherServers(this.#base)
    return found.filter(name => !used.includes(`${name}\n`))
  }

  /**
   * Ends everything, and tells what of it is on the machine then. Where the user is the judges'
   * alone it is removed, so that a test that fails does not fail others.
   */
  async end(): Promise<string[]> {
    const pids = this.#pids()
    for (const member of this.#members.splice(0)) await member.kill()
    for (const server of this.#servers.splice(0)) await server.end()
    const running = processesIn(this.#base)
    rmSync(this.#base, { recursive: true, force: true })
    const left = this.left()
    if (user.uid !== process.getuid!()) for (const path of left) rmSync(path, { force: true })
    const segments = segmentsOf(pids)
    for (const { shmid } of segments) spawnSync(REMOVE_SEGMENT, ['-m', shmid], { timeout: 10_000 })
    const described = segments.map(({ shmid, key }) => `System V segment ${shmid}, key ${key}`)
    this.#turn.close()
    return [...left, ...described, ...running]
  }

  /** Process ids that may have made System V segments. */
  #pids(): number[] {
    return [...this.#servers.flatMap(({ pids }) => pids), ...this.#members.map(({ pid }) => pid)]
  }
}

function namesInMemory(): string[] {
  return readdirSync(SHM)
    .filter(name => name.startsWith('PostgreSQL.'))
    .map(name => join(SHM, name))
    .filter(path => ownerOf(path) === user.uid)
}

function segmentsOf(pids: readonly number[]): { shmid: string; key: string }[] {
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n').slice(1)
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(fields => pids.includes(Number(fields[4])))
    .map(fields => ({ key: fields[0]!, shmid: fields[1]! }))
}

/** -1: it went just now. */
function ownerOf(path: string): number {
  try {
    return lstatSync(path).uid
  } catch {
    return -1
  }
}

/** What PostgreSQL's processes outside this directory have mapped, as far as we may look. */
function usedByOtherServers(base: string): string {
  return readdirSync('/proc')
    .map(pid => {
      try {
        if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'postgres\n') return ''
        const inside = readlinkSync(`/proc/${pid}/cwd`).startsWith(base)
        return inside ? '' : readFileSync(`/proc/${pid}/maps`, 'utf8')
      } catch {
        return '' // no process, or it ended just now
      }
    })
    .join('')
}

/** Servers stand in their data directory. */
function processesIn(base: string): string[] {
  return readdirSync('/proc').flatMap(pid => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(base) ? [`process ${pid}`] : []
    } catch {
      return []
    }
  })
}

/** One for the tests of a file. `seal` is called last in it, and adds the last test. */
export function useJudge(): { judge: () => Judge; seal: () => void } {
  let judge: Judge | null = null
  if (programs !== null) {
    beforeAll(async () => {
      judge = await Judge.begin()
    }, TURN_MS)
    afterAll(async () => void (await judge?.end()))
  }
  const seal = (): void => {
    judged('when all is over nothing of it is in memory, on disk or running', async () => {
      const left = await judge!.end()
      expect(left).toEqual([])
    })
  }
  return { judge: () => judge!, seal }
}
