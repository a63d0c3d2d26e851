/**
 * A place of its own for a test's groups, members in processes, and the command run in this process
 * with a screen that is a string. What a test leaves on the machine fails it.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pc from 'picocolors'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Console, run } from '../../src/index.js'

export type Kind = 'posix' | 'sysv' | 'mmap'
export const KINDS: readonly Kind[] = ['posix', 'sysv', 'mmap']

const SHM = '/dev/shm'
const CHILD = join(import.meta.dirname, '..', 'children', 'member.mjs')
export const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js')

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Screen {
  readonly columns?: number
  readonly colors?: boolean
}

/** The command, in this process. */
export async function dsm(args: readonly string[], screen: Screen = {}): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const out: Console = {
    columns: screen.columns ?? Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    terminal: false,
    colors: pc.createColors(screen.colors ?? false),
    write: text => {
      stdout += text
    },
    complain: text => {
      stderr += text
    },
  }
  const code = await run(args, out)
  return { code, stdout, stderr }
}

/** With `--json`, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: the test knows the shape, and that is what it tests
export async function json(...args: string[]): Promise<any> {
  const { stdout } = await dsm([...args, '--json'])
  return JSON.parse(stdout)
}

/** The command as it is installed: a process, and its exit code. */
export function spawnDsm(args: readonly string[], env: Record<string, string> = {}): Ran {
  const done = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, ...env },
  })
  return { code: done.status ?? -1, stdout: done.stdout, stderr: done.stderr }
}

export class Member {
  readonly #child: ChildProcess
  readonly ended: Promise<void>
  #calls = 0

  constructor() {
    this.#child = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.ended = new Promise(resolve => this.#child.on('exit', () => resolve()))
  }

  get pid(): number {
    return this.#child.pid!
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the child replies is known to the test
  call(op: string, ...args: unknown[]): Promise<any> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      const listen = (reply: { id: number; value?: unknown; error?: string }): void => {
        if (reply.id !== id) return
        this.#child.off('message', listen as never)
        if (reply.error) reject(new Error(reply.error))
        else resolve(reply.value)
      }
      this.#child.on('message', listen as never)
      void this.ended.then(() => reject(new Error(`the member ended during ${op}`)))
      this.#child.send({ id, op, args })
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

export class Place {
  readonly root = mkdtempSync(join(SHM, 'dsm-cli-test-'))
  readonly groups = join(this.root, 'groups')
  readonly mmapDir = join(this.root, 'mmap')
  readonly #before = { shm: shmNames(), sysv: sysvIds() }
  readonly #members: Member[] = []

  async member(options: Record<string, unknown>): Promise<Member> {
    const member = new Member()
    this.#members.push(member)
    await member.call('open', { mmapDir: this.mmapDir, ...options })
    return member
  }

  /** Objects of groups that were not there when the test began. */
  objects(): string[] {
    const posix = shmNames().filter(name => !this.#before.shm.includes(name))
    const sysv = sysvIds().filter(id => !this.#before.sysv.includes(id))
    const mmap = existsSync(this.mmapDir)
      ? readdirSync(this.mmapDir, { recursive: true, encoding: 'utf8' })
      : []
    return [...posix, ...sysv, ...mmap]
  }

  async killAll(): Promise<void> {
    for (const member of this.#members) member.signal('SIGKILL')
    for (const member of this.#members.splice(0)) await member.ended
  }

  async end(failed: boolean): Promise<void> {
    await this.killAll()
    await dsm(['clean'])
    if (existsSync(this.mmapDir)) rmdirSync(this.mmapDir)
    const left = [...this.objects(), ...readdirSync(this.root)]
    rmSync(this.root, { recursive: true, force: true })
    if (!failed) expect(left).toEqual([])
  }
}

const shmNames = (): string[] => readdirSync(SHM).filter(name => /^dsm\.[a-z2-7]{13}\./.test(name))

const sysvIds = (): string[] =>
  readFileSync('/proc/sysvipc/shm', 'latin1')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => `shmid ${row.trim().split(/\s+/)[1]}`)

/** Before each test a new place; after it, nothing of it is left. */
export function usePlace(): { place: () => Place } {
  let current: Place
  const before = process.env.DSM_DIR
  beforeEach(() => {
    current = new Place()
    process.env.DSM_DIR = current.groups
  })
  afterEach(async ({ task }) => {
    await current.end(task.result?.state === 'fail')
    if (before === undefined) delete process.env.DSM_DIR
    else process.env.DSM_DIR = before
  })
  return { place: () => current }
}
