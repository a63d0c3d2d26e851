/**
 * A throwaway PostgreSQL server for one test file: in a temporary directory, reached by a socket in
 * it, and under `nobody` where the tests run as root. As in `tooling/judge`, whose turn it takes.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server as Turn } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

const DEBIAN = '/usr/lib/postgresql'
const MAJOR_MIN = 14
const LIFE_SECONDS = 120
const STEP_MS = 55_000

export const bin: string | null = findPrograms()

function findPrograms(): string | null {
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map(name => join(DEBIAN, name, 'bin'))
    : []
  const inPath = (process.env.PATH ?? '').split(':').filter(dir => dir.startsWith('/'))
  const complete = [...debian, ...inPath].filter(dir =>
    ['initdb', 'postgres', 'psql'].every(name => existsSync(join(dir, name))),
  )
  return complete.find(dir => majorOf(dir) >= MAJOR_MIN) ?? null
}

function majorOf(dir: string): number {
  const said = spawnSync(join(dir, 'postgres'), ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  return Number(/\(PostgreSQL\) (\d+)/.exec(said.stdout ?? '')?.[1] ?? 0)
}

/** A test that needs a server. */
export const served: (title: string, body: () => Promise<void>) => void =
  bin === null
    ? title => test.skip(`${title} — needs PostgreSQL ${MAJOR_MIN} or later`, () => {})
    : (title, body) => test(title, body)

const NOBODY = 65_534
const root = process.getuid!() === 0
const user = root ? { uid: NOBODY, gid: NOBODY } : {}
const ENV = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }

export class Server {
  readonly base = mkdtempSync(join(tmpdir(), 'dsm-cli-pg-'))
  readonly data = join(this.base, 'data')
  #ended: Promise<unknown> = Promise.resolve()
  #turn: Turn | null = null
  pid = 0

  async make(): Promise<void> {
    this.#turn = await takeTurn(`dsm-judge-${root ? NOBODY : process.getuid!()}`)
    if (root) chownSync(this.base, NOBODY, NOBODY)
    const words = ['-D', this.data, '-A', 'trust', '-U', 'judge', '-N', '-E', 'UTF8']
    const how = { ...user, env: ENV, timeout: STEP_MS, stdio: 'ignore', cwd: this.base } as const
    execFileSync(join(bin!, 'initdb'), words, how)
  }

  async start(settings: Record<string, string>): Promise<void> {
    rmSync(join(this.data, 'postmaster.pid'), { force: true })
    const asked = {
      fsync: 'off',
      listen_addresses: '',
      log_min_messages: 'debug2',
      shared_buffers: '1MB',
      unix_socket_directories: this.base,
      force_parallel_mode: 'on',
      ...settings,
    }
    if (majorOf(bin!) >= 16) {
      const { force_parallel_mode: force, ...others } = asked
      Object.assign(asked, others, { debug_parallel_query: force })
      delete (asked as Partial<typeof asked>).force_parallel_mode
    }
    const options = Object.entries(asked).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = [join(bin!, 'postgres'), '-D', this.data, ...options]
    const started = spawn('timeout', ['-s', 'INT', '-k', '5', String(LIFE_SECONDS), ...server], {
      ...user,
      env: ENV,
      cwd: this.base,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    started.stderr.on('data', bytes => {
      log += bytes
      writeFileSync(join(this.base, 'log'), log)
    })
    this.#ended = new Promise(resolve => started.on('exit', resolve))
    while (!/^ready\s*$/m.test(this.pidFile())) {
      if (started.exitCode !== null) throw new Error(`the server did not start:\n${log}`)
      await sleep(20)
    }
    this.pid = Number(this.pidFile().split('\n')[0])
  }

  pidFile(): string {
    const path = join(this.data, 'postmaster.pid')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  /** What the server said of its control segment. */
  controlHandle(): number {
    const log = readFileSync(join(this.base, 'log'), 'utf8')
    const made = [...log.matchAll(/created dynamic shared memory control segment (\d+)/g)].at(-1)
    return Number(made?.[1])
  }

  /** A query that sleeps with a worker, and with it a segment. */
  hold(): void {
    const words = ['-X', '-h', this.base, '-U', 'judge', '-d', 'postgres', '-c']
    const client = spawn(join(bin!, 'psql'), [...words, 'select pg_sleep(100)'], {
      ...user,
      env: ENV,
      cwd: this.base,
      stdio: 'ignore',
      timeout: LIFE_SECONDS * 1000,
    })
    client.unref()
  }

  async stop(): Promise<void> {
    try {
      process.kill(this.pid, 'SIGINT')
    } catch {
      // It has ended.
    }
    await this.#ended
  }

  /** All processes in one instant, so that nobody cleans up. */
  async kill(): Promise<void> {
    const all = [this.pid, ...childrenOf(this.pid)]
    for (const pid of all) process.kill(pid, 'SIGSTOP')
    await sleep(50)
    for (const pid of all) process.kill(pid, 'SIGKILL')
    await this.#ended
  }

  end(): void {
    rmSync(this.base, { recursive: true, force: true })
    this.#turn?.close()
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        const [state, of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return Number(of) === parent && state !== 'Z'
      } catch {
        return false
      }
    })
}

/** The judges' lock: an abstract socket, which goes with whoever holds it. */
async function takeTurn(name: string): Promise<Turn> {
  for (;;) {
    const taken = await new Promise<Turn | null>((resolve, reject) => {
      const server = createServer()
      server.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(null)
        else reject(error)
      })
      server.listen(`\0${name}`, () => resolve(server))
    })
    if (taken !== null) return taken
    await sleep(50)
  }
}
