/**
 * What the judge needs of a machine: PostgreSQL's server programs, a C compiler, and a user that is
 * not root, as no server runs under it. A test for which something is missing says so by name.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'

/** Where Debian puts them: no server program is in PATH there. */
const DEBIAN = '/usr/lib/postgresql'
/** The control segment has its layout of today since then. */
const MAJOR_MIN = 14

export interface Programs {
  readonly bin: string
  readonly major: number
}

/** The newest server of this machine; null: there is none that will do. */
export const programs: Programs | null = findPrograms()

function findPrograms(): Programs | null {
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map(name => join(DEBIAN, name, 'bin'))
    : []
  const inPath = (process.env.PATH ?? '').split(':').filter(dir => dir.startsWith('/'))
  const found = [...debian, ...inPath].flatMap(bin => {
    const complete = ['initdb', 'postgres', 'psql'].every(name => existsSync(join(bin, name)))
    const major = complete ? majorOf(bin) : 0
    return major >= MAJOR_MIN ? [{ bin, major }] : []
  })
  return found.sort((one, other) => other.major - one.major)[0] ?? null
}

function majorOf(bin: string): number {
  const { stdout } = spawnSync(join(bin, 'postgres'), ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  return Number(/\(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1] ?? 0)
}

export const compiler = process.env.CC ?? 'cc'

/** Not `postgres`, under which the machine's own servers run: what is left is told apart by it. */
const USER = 'nobody'

export interface User {
  readonly uid: number
  readonly gid: number
}

export const user: User = findUser()

function findUser(): User {
  if (process.getuid!() !== 0) return { uid: process.getuid!(), gid: process.getgid!() }
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = rows.find(row => row.startsWith(`${USER}:`))?.split(':') ?? []
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) }
}

const hasCompiler = (): boolean =>
  spawnSync(compiler, ['--version'], { timeout: 10_000 }).status === 0

function missing(): string | null {
  if (programs === null) return `needs the server programs of PostgreSQL ${MAJOR_MIN} or later`
  return hasCompiler() ? null : 'needs a C compiler'
}

const wanting = missing()

/** A test that needs a server. */
export const judged: (title: string, body: () => Promise<void>) => void =
  wanting === null
    ? (title, body) => test(title, body)
    : title => test.skip(`${title} — ${wanting}`, () => {})
