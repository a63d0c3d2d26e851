/**
 * The group of one case: opens members, gives everything back in the end, and says what is left of
 * it then. Nothing fails here; that is the bench's doing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { groupDirectory, type OpenedGroup, openGroup, runSync } from '@dsm/control'
import { type Dsm, type DsmImpl, type DsmOptions, openDsm, type Segment } from '@dsm/core'
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import type { Backend } from '../../campaign.js'
import { isRemoved, keysOfThisProcess } from '../../machine.js'
import { type Hands, SLOTS } from './operations.js'

const quiet = (): void => undefined
const LOCK_TIMEOUT_MS = 200
const MEMBERS = 4
const SIZE = 5000
/** Kept from being collected. */
const forgotten: unknown[] = []

export class Group implements Hands {
  readonly warnings: string[] = []
  readonly #impl: DsmImpl
  readonly #dir: string
  readonly #objects: string
  readonly #prefix: string
  readonly #opened: Dsm[] = []
  readonly #kept: Segment[] = []

  /** @param prefix posix: what the names of this case's objects begin with. */
  constructor(backend: Backend, place: string, name: string, prefix: string) {
    this.#dir = join(place, name)
    this.#objects = join(place, `${name}-objects`)
    this.#prefix = `/${prefix}${name}-`
    const impls = {
      posix: () => posix({ namePrefix: `${this.#prefix}<nonce>.` }),
      sysv,
      mmap: () => mmap({ dir: this.#objects }),
    }
    this.#impl = impls[backend]()
  }

  open(changes: { mainRegionSize?: number } = {}): Dsm {
    const dsm = openDsm({ ...this.#options(), ...changes })
    this.#opened.push(dsm)
    return dsm
  }

  raw(): OpenedGroup {
    const { logger } = this.#options()
    const directory = groupDirectory({ dir: this.#dir })
    const sizes = { maxMembers: MEMBERS, maxSegments: SLOTS, mainRegionSize: 0 }
    const impls = { impl: this.#impl, loadImpl: () => this.#impl }
    const rest = { persist: undefined, exclusive: false, lockTimeoutMs: LOCK_TIMEOUT_MS }
    return runSync(openGroup({ directory, logger: logger!, ...sizes, ...impls, ...rest }))
  }

  keep(segment: Segment | null): void {
    if (segment !== null) this.#kept.push(segment)
  }

  #options(): DsmOptions {
    const warn = (message: string, fields: object): void => {
      this.warnings.push(`${message} ${inspect(fields)}`)
    }
    return {
      dir: this.#dir,
      impl: this.#impl,
      maxMembers: MEMBERS,
      maxSegments: SLOTS,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      logger: { debug: quiet, info: quiet, warn, error: warn },
    }
  }

  /** Everybody leaves. Yields what goes wrong. */
  *end(): Generator<string> {
    for (const segment of this.#kept) yield* attempt('detach', () => segment.detach())
    for (const dsm of this.#opened.reverse()) yield* attempt('close', () => dsm.close())
  }

  /** An object that nobody knows, or a mapping that nobody ends: for a canary. */
  forget(what: 'object' | 'mapping'): void {
    const { life } = this.raw()
    if (what === 'object') life.namespace.create(2 ** 30, SIZE)?.detach()
    else forgotten.push(life.namespace.attach(life.record.controlHandle, life.mapping.size))
    life.mapping.detach()
    life.namespace.close()
    life.file.close()
  }

  /** Of what is left, files; the rest are empty directories. */
  leftFiles(): number {
    const isFile = (path: string): boolean => statSync(path).isFile()
    return [this.#dir, this.#objects]
      .flatMap(dir =>
        (existsSync(dir) ? readdirSync(dir, { recursive: true }) : []).map(name =>
          join(dir, String(name)),
        ),
      )
      .filter(isFile).length
  }

  /** The next to open cleans up. Yields what it cannot do, and then what is left. */
  *leftovers(): Generator<string> {
    yield* attempt('a fresh open', () => openDsm(this.#options()).close())
    for (const { name } of this.#left()) yield name
  }

  /** Takes away what is left, lest the next case finds it. */
  clear(): void {
    for (const { remove } of this.#left()) remove()
  }

  *#left(): Generator<{ name: string; remove: () => void }> {
    const files = listed('/dev/shm').filter(name => name.startsWith(this.#prefix.slice(1)))
    for (const path of files.map(name => `/dev/shm/${name}`)) {
      yield { name: path, remove: () => rmSync(path, { force: true }) }
    }
    // one that is removed goes with its last mapping: sharedMappings finds those
    const keys = this.#impl.kind === 'sysv' ? keysOfThisProcess() : []
    for (const key of keys.filter(name => !isRemoved(name))) {
      yield { name: key, remove: () => void spawnSync('ipcrm', ['-M', key]) }
    }
    for (const path of [this.#dir, this.#objects]) {
      if (!existsSync(path) || (path === this.#objects && listed(path).length === 0)) continue
      const remove = (): void => rmSync(path, { recursive: true, force: true })
      yield { name: `${path} (${listed(path).join(' ')})`, remove }
    }
  }
}

function* attempt(what: string, work: () => unknown): Generator<string> {
  try {
    work()
  } catch (error) {
    yield `${what}: ${(error as Error).stack}`
  }
}

const listed = (path: string): string[] => (existsSync(path) ? readdirSync(path) : [])

/** What this process has mapped of shared memory, by the names that /proc gives. */
export function sharedMappings(): string[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return lines.filter(
    line => /^\S+ ...s /.test(line) && /\/SYSV|\/dev\/shm\/|-objects\//.test(line),
  )
}
