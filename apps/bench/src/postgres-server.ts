/**
 * A throwaway PostgreSQL server with the extension of peers/postgres in it: made in a directory of
 * its own, under a user that is not root, reached by a socket there only, gone with everything that
 * it made when we are done or die. It needs Debian's postgresql and postgresql-server-dev-<major>,
 * or their like elsewhere, and says which is missing.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { POSTGRES, POSTGRES_USER } from './contenders/postgres.js'
import { peersDirectory } from './programs.js'

const execute = promisify(execFile)
const STEP_MS = 60_000
/** No server runs as root; not `postgres` either, under which the machine's own may run. */
const NOBODY = 65_534

/** Small and quiet; segments come out of the region that is taken at the start. */
const SETTINGS = {
  autovacuum: 'off',
  dynamic_shared_memory_type: 'posix',
  fsync: 'off',
  listen_addresses: '',
  max_connections: '100',
  min_dynamic_shared_memory: '64MB',
  shared_buffers: '1MB',
}

const FUNCTIONS = [
  'bench_create_detach(int, int)',
  'bench_attach_detach(int)',
  'bench_free_pages(int, int, int)',
]

/** Ends the server and removes its directory when nobody holds our end of the pipe any more. */
const KEEPER = `
  cd "$1"; shift
  "$@" >log 2>&1 & server=$!
  cat >/dev/null
  kill -INT $server; wait $server
  cd /; rm -rf "$BASE"`

export interface PostgresServer {
  readonly version: string
  end(): Promise<void>
}

/** Something is not here; the message is for the row of the table. */
class Missing extends Error {}

/** Sets what contenders look for in the environment. @returns null, and why, where there is none */
export async function startPostgres(): Promise<PostgresServer | null> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    process.env[POSTGRES.reason] = error.message
    return null
  }
}

async function start(): Promise<PostgresServer> {
  const bin = await binDirectory()
  const base = mkdtempSync(join(tmpdir(), 'dsm-bench-postgres-'))
  let keeper: ChildProcess | null = null
  try {
    await compile(base)
    const identity = process.getuid!() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
    if ('uid' in identity) chownSync(base, NOBODY, NOBODY)
    const data = join(base, 'data')
    const words = ['-D', data, '-A', 'trust', '-U', POSTGRES_USER, '-N', '-E', 'UTF8']
    const env = { ...process.env, LC_ALL: 'C', BASE: base }
    await execute(join(bin, 'initdb'), words, { ...identity, env, cwd: base, timeout: STEP_MS })
    const asked = { ...SETTINGS, unix_socket_directories: base }
    const options = Object.entries(asked).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = [join(bin, 'postgres'), '-D', data, ...options]
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    keeper = spawn('sh', ['-c', KEEPER, 'sh', base, ...server], {
      ...identity,
      env,
      stdio: [...stdio],
    })
    await ready(data, keeper, base)
    const version = await declare(join(bin, 'psql'), base)
    Object.assign(process.env, { [POSTGRES.psql]: join(bin, 'psql'), [POSTGRES.directory]: base })
    return { version, end: () => end(keeper!, base) }
  } catch (error) {
    if (keeper !== null) await end(keeper, base)
    rmSync(base, { recursive: true, force: true })
    throw error
  }
}

async function binDirectory(): Promise<string> {
  try {
    const { stdout } = await execute(process.env.PG_CONFIG ?? 'pg_config', ['--bindir'])
    const bin = stdout.trim()
    if (['initdb', 'postgres', 'psql'].every(name => existsSync(join(bin, name)))) return bin
  } catch {}
  throw new Missing('PostgreSQL is not installed (Debian: postgresql)')
}

/** In a copy, so that nothing is left beside the source. PG_CONFIG, PG_CPPFLAGS are heeded. */
async function compile(base: string): Promise<void> {
  cpSync(join(peersDirectory, 'postgres'), base, { recursive: true })
  try {
    await execute('make', [], { cwd: base, timeout: STEP_MS })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    if (/postgres\.h: No such file/.test(stderr)) {
      throw new Missing("PostgreSQL's development files are missing (postgresql-server-dev-…)")
    }
    throw new Missing(`the extension does not compile: ${(stderr || message).split('\n')[0]}`)
  }
}

async function ready(data: string, keeper: ChildProcess, base: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const line = (): string =>
    (existsSync(file) ? readFileSync(file, 'utf8').split('\n')[7] : '') ?? ''
  for (const until = Date.now() + STEP_MS; !/^ready\s*$/.test(line()); await sleep(10)) {
    if (keeper.exitCode === null && Date.now() < until) continue
    throw new Error(`the server did not start: ${readFileSync(join(base, 'log'), 'utf8')}`)
  }
}

/** The file bears the functions; nothing is installed. @returns the server's version */
async function declare(psql: string, base: string): Promise<string> {
  const library = join(base, 'dsm_bench')
  const declarations = FUNCTIONS.flatMap(signature => [
    '-c',
    `create function ${signature} returns float8 as '${library}' language c`,
  ])
  const words = ['-X', '-q', '-A', '-t', '-h', base, '-U', POSTGRES_USER, '-d', 'postgres']
  const { stdout } = await execute(psql, [...words, ...declarations, '-c', 'show server_version'], {
    timeout: STEP_MS,
  })
  return stdout.trim()
}

async function end(keeper: ChildProcess, base: string): Promise<void> {
  if (keeper.exitCode === null && keeper.signalCode === null) {
    const ended = once(keeper, 'exit')
    keeper.stdin?.end()
    await ended
  }
  rmSync(base, { recursive: true, force: true })
}
