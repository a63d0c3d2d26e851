/**
 * The group's state file: which lives are to be joined or cleaned, newest last. It names a life's
 * control segment before that segment is made, so that a kill in between leaves nothing without a
 * record. Written new, then renamed, under byte 0 of the lock file. It holds no secret.
 *
 * An empty, foreign or unreadable state is "no lives": after a power loss the rename may be there
 * without the bytes.
 */
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { isMainRegionHandle, NONCE_PATTERN } from '@dsm/impl'
import { systemError } from './system-failure.js'

/** One life of a group. Its scope is (group directory, nonce, options). */
export interface LifeRecord {
  /** Of the machine's boot in which it began; posix and sysv objects do not outlive it. */
  readonly bootId: string
  readonly nonce: string
  readonly layout: number
  readonly kind: string
  readonly options: Readonly<Record<string, string>>
  readonly controlHandle: number
  readonly controlSize: number
  readonly persist: boolean
}

interface StateFile {
  readonly dsm: 1
  readonly lives: readonly LifeRecord[]
}

export function readState(path: string): LifeRecord[] {
  const text = readPrivate(path)
  if (text === null) return []
  try {
    const state = JSON.parse(text) as StateFile
    return Array.isArray(state.lives) ? state.lives.filter(isLifeRecord) : []
  } catch {
    return []
  }
}

function readPrivate(path: string): string | null {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw systemError(error, 'open', path)
  }
}

export function writeState(path: string, lives: readonly LifeRecord[]): void {
  const fresh = `${path}.new`
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  try {
    rmSync(fresh, { force: true })
    const file = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      const bytes = Buffer.from(`${JSON.stringify({ dsm: 1, lives } satisfies StateFile)}\n`)
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
  } catch (error) {
    throw systemError(error, 'create', path)
  }
}

const uint32 = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0xffff_ffff

function isLifeRecord(value: unknown): value is LifeRecord {
  if (typeof value !== 'object' || value === null) return false
  const life = value as Record<string, unknown>
  return (
    typeof life.bootId === 'string' &&
    typeof life.nonce === 'string' &&
    NONCE_PATTERN.test(life.nonce) &&
    Number.isInteger(life.layout) &&
    typeof life.kind === 'string' &&
    typeof life.options === 'object' &&
    life.options !== null &&
    Object.values(life.options).every(option => typeof option === 'string') &&
    uint32(life.controlHandle) &&
    !isMainRegionHandle(life.controlHandle as number) &&
    uint32(life.controlSize) &&
    typeof life.persist === 'boolean'
  )
}

/** The machine's boot, or '' where the system does not say. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
