/** Checks of what the program runs on: Node, the C library, the addons, byte locks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mechanism, OURS } from '../mechanisms.js'
import { type Finding, finding, ok } from './finding.js'
import type { System } from './system.js'

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const says = `Node ${version}`
  if (major < 20 || (major === 20 && minor < 19)) {
    return finding('node', 'error', `${says} is too old`, 'Use Node 20.19 or newer')
  }
  if (major === 20) {
    const mend = 'Use Node 22 or newer for segments of more than 4 GiB'
    return finding('node', 'note', `${says}: a segment can have at most 4 GiB`, mend)
  }
  return ok('node', says)
}

interface Host {
  readonly platform: string
  readonly arch: string
  /** null: not the GNU C library. */
  readonly glibc: string | null
}

const GLIBC_MIN = [2, 28] as const

export function checkPlatform(host: Host = thisHost()): Finding {
  const where = `${host.platform} ${host.arch}`
  const compile = 'Install a C++17 compiler, and run npx dsm-native-build in the package it names'
  if (host.platform !== 'linux') {
    return finding('platform', 'error', `${where}: dsm is made and tested on Linux`, null)
  }
  if (host.glibc === null) {
    return finding('platform', 'note', `${where}, not with the GNU C library`, compile)
  }
  const [major = 0, minor = 0] = host.glibc.split('.').map(Number)
  const old = major < GLIBC_MIN[0] || (major === GLIBC_MIN[0] && minor < GLIBC_MIN[1])
  const says = `${where}, glibc ${host.glibc}`
  return old
    ? finding('platform', 'warning', `${says}: older than 2.28`, compile)
    : ok('platform', says)
}

function thisHost(): Host {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } }
  const glibc = report?.header?.glibcVersionRuntime ?? null
  return { platform: process.platform, arch: process.arch, glibc }
}

/** The addon of each mechanism, loaded here and now. */
export function checkMechanisms(load: (kind: string) => unknown = mechanism): Finding[] {
  return OURS.map(kind => {
    try {
      load(kind)
      return ok(`impl-${kind}`, `@dsm/impl-${kind} loads`)
    } catch (error) {
      const mend = 'Reinstall it, or compile it here with npx dsm-native-build in its directory'
      const says = `@dsm/impl-${kind} does not load: ${(error as Error).message.split('\n')[0]}`
      return finding(`impl-${kind}`, 'error', says, mend)
    }
  })
}

/** Locks on single bytes, tried on a file of our own where groups have theirs. */
export async function checkLocks(system: System): Promise<Finding[]> {
  const shm = system.fileSystem('/dev/shm') !== null
  const place = mkdtempSync(join(shm ? '/dev/shm' : tmpdir(), 'dsm-doctor-'))
  try {
    const { futexSupported, LockFile } = await import('@dsm/lwlock')
    const file = LockFile.open(join(place, 'lock'), { create: true })
    const { supported } = file
    file.close()
    return [locksFinding(supported, place), futexFinding(futexSupported)]
  } catch (error) {
    const says = `byte locks could not be tried: ${(error as Error).message}`
    return [finding('locks', 'error', says, 'See the other findings')]
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const locksFinding = (supported: boolean, place: string): Finding =>
  supported
    ? ok('locks', 'open-file-description locks work: the dead are told from the living')
    : finding(
        'locks',
        'error',
        `open-file-description locks (F_OFD_SETLK) do not work in ${place}`,
        'Use Linux 3.15 or newer; name a directory on a local file system with DSM_DIR',
      )

const futexFinding = (supported: boolean): Finding =>
  supported
    ? ok('futex', 'waiting between processes works (futex)')
    : finding('futex', 'note', 'no futex here: waiting for a lock polls', null)
