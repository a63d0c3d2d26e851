/**
 * A group to spoil: one living member, one that died in it, segments of every sort, and bystanders
 * that belong to nobody here. Built on a real mechanism through the public exports of
 * `@dsm/control`; it puts the sound image back, ends the group in any state it has come to, and
 * says what is left. It does not spoil anything itself.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type ControlLogger,
  groupDirectory,
  leaveGroup,
  nameKey,
  type OpenedGroup,
  type OpenOptions,
  openGroup,
  runSync,
} from '@dsm/control'
import { DsmError, type DsmImpl } from '@dsm/core'
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { newNonce } from '../../machine.js'
import type { Original } from './image.js'

/** Mechanisms whose names carry the life's nonce: what a spoilt table forgets is found by name. */
export type OwnNames = 'posix' | 'mmap'
const IMPLS: Readonly<Record<OwnNames, () => DsmImpl>> = { posix, mmap }

const quiet = (): void => undefined
const logger: ControlLogger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
/** What spoils the lock word makes everybody wait that long. */
const LOCK_TIMEOUT_MS = 2
const SIZE = 5000
const SETTINGS = {
  maxMembers: 5,
  maxSegments: 8,
  persist: undefined,
  exclusive: false,
  lockTimeoutMs: LOCK_TIMEOUT_MS,
  logger,
}

/** Where posix objects are as files. */
const fileOf = (impl: DsmImpl, osName: string): string =>
  impl.kind === 'posix' ? `/dev/shm${osName}` : osName

function listed(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Unmaps and drops the byte, as the end of a process does, and tells nobody. */
export function die({ life, member }: OpenedGroup): void {
  member.region?.mapping.detach()
  life.mapping.detach()
  life.namespace.close()
  life.file.close()
}

export class Stage {
  readonly impl: DsmImpl
  readonly living: OpenedGroup
  readonly original: Original
  readonly #dir: string
  readonly #mainRegionSize: number
  readonly #dead: OpenedGroup
  /** Its control segment as a file; found before anything is spoilt. */
  readonly #control: string

  /** @param mainRegionSize 0: without one. */
  constructor(backend: OwnNames, dir: string, mainRegionSize: number, handles: readonly number[]) {
    this.impl = IMPLS[backend]()
    this.#mainRegionSize = mainRegionSize
    this.#dir = dir
    this.living = this.open()
    const dead = this.open()
    const { member } = this.living
    const made = [member.create(SIZE), member.create(SIZE, true), member.create(SIZE, true)]
    const [carved, own, pinned] = made.map(attachment => attachment!)
    member.pin(pinned!)
    member.names.publish(nameKey('own'), own!.handle)
    member.names.publish(nameKey('carved'), carved!.handle)
    const its = [dead.member.attach(own!.handle), dead.member.create(SIZE, true)]
    for (const attachment of [...its, ...made]) attachment?.mapping.detach()
    die(dead)
    this.#dead = dead
    const { control, namespace, record } = this.living.life
    this.#control = fileOf(this.impl, namespace.osName(record.controlHandle))
    const words = control.words.slice()
    const all = [...handles, record.controlHandle, own!.handle, carved!.handle]
    this.original = { words, geometry: control.geometry, handles: all }
  }

  options(): OpenOptions {
    return {
      directory: groupDirectory({ dir: this.#dir }),
      impl: this.impl,
      loadImpl: () => this.impl,
      mainRegionSize: this.#mainRegionSize,
      ...SETTINGS,
    }
  }

  open(): OpenedGroup {
    return runSync(openGroup(this.options()))
  }

  leave(group: OpenedGroup): void {
    runSync(leaveGroup(group, LOCK_TIMEOUT_MS))
  }

  /** The shared words as they were: one member lives, one is dead. */
  restore(): void {
    this.words.set(this.original.words)
  }

  get words(): Int32Array {
    return this.living.life.control.words
  }

  /** For who scribbles: it may map what it likes, as it is of the same user. */
  get place(): { dir: string; nonce: string; handle: number; size: number } {
    const { namespace, record } = this.living.life
    const { controlHandle, controlSize, nonce } = record
    return { dir: namespace.scope.dir, nonce, handle: controlHandle, size: controlSize }
  }

  /** Of a group in which nobody lives any more. */
  rewriteControl(bytes: Uint8Array): void {
    if (!existsSync(this.#control)) return
    truncateSync(this.#control, bytes.length)
    const file = openSync(this.#control, 'r+')
    try {
      writeFileSync(file, bytes)
    } finally {
      closeSync(file)
    }
  }

  /** After everybody has gone: a fresh open works, and what the group had is gone. */
  *leftAfterFreshOpen(): Generator<string> {
    const group = this.open()
    const attachment = group.member.create(SIZE, true)
    if (attachment === null) yield 'a fresh group has no room'
    else group.member.detach(attachment)
    if (group.life.record.nonce === this.living.life.record.nonce) yield 'a dead life was joined'
    this.leave(group)
    for (const name of this.#remaining()) yield `left behind: ${name}`
    if (existsSync(this.#dir)) yield `left behind: ${listed(this.#dir).join(' ')} in ${this.#dir}`
  }

  #remaining(): string[] {
    const nonces = [this.living, this.#dead].map(({ life }) => life.record.nonce)
    const where = dirname(this.#control)
    const paths = listed(where).map(name => join(where, name))
    return paths.filter(path => nonces.some(nonce => path.includes(nonce)))
  }
}

/** Where `cleanControlSegment` works: names nobody uses, but one that bears what is foreign. */
export class CleaningGround {
  readonly handle = 0x1357_9bde
  /** Nobody's: an object that never is. */
  readonly control = 0x2468_ace0
  readonly namespace: OpenedGroup['life']['namespace']
  readonly #link: string
  readonly #target: string

  constructor(impl: DsmImpl, dir: string) {
    this.namespace = impl.open({ dir, nonce: newNonce(), options: impl.options })
    this.#link = fileOf(impl, this.namespace.osName(this.handle))
    this.#target = join(dir, 'target')
    rmSync(this.#link, { force: true })
    writeFileSync(this.#target, 'foreign')
    symlinkSync(this.#target, this.#link)
  }

  /** null: untouched. */
  problem(): string | null {
    const kept = lstatSync(this.#link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
    if (!kept) return 'a foreign object was removed'
    return readFileSync(this.#target, 'utf8') === 'foreign' ? null : 'a foreign file was changed'
  }

  /** The canary's. */
  spoil(): void {
    rmSync(this.#link, { force: true })
  }

  end(): void {
    rmSync(this.#link, { force: true })
    this.namespace.close()
  }
}

/** What a child that was killed left below `dir`: its groups, as the next open finds them. */
export function cleanUpAfter(dir: string): void {
  for (const name of listed(dir).filter(name => name.startsWith('group-'))) {
    const loadImpl = (kind: string): DsmImpl => IMPLS[kind as OwnNames]()
    const directory = groupDirectory({ dir: join(dir, name) })
    const settings = {
      ...SETTINGS,
      mainRegionSize: 0,
      directory,
      loadImpl,
      impl: null,
      lockTimeoutMs: 1000,
    }
    try {
      runSync(leaveGroup(runSync(openGroup(settings)), 1000))
    } catch (error) {
      if (!DsmError.isInstance(error)) throw error // no group any more, as it should be
    }
  }
  for (const path of listed('/dev/shm').map(name => `/dev/shm/${name}`)) {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
    if (isLink && readlinkSync(path).startsWith(`${dir}/`)) rmSync(path, { force: true })
  }
}
