/**
 * The TypeScript side of an addon made with `@dsm/native`: its functions as types, a mapping over
 * them, and the part of a namespace that does not depend on the mechanism.
 * No addon is loaded here, and none is a dependency: each `impl-*` package brings its own. A
 * mechanism written in anything else needs nothing of this file.
 */
import { readdirSync } from 'node:fs'
import { integerBetween, outOfRange } from './arguments.js'
import type { RawNamespace } from './define-impl.js'
import type { DsmEvidence, DsmMapping } from './dsm-impl.js'
import { DsmError } from './errors.js'
import { HANDLE_MAX, isMainRegionHandle } from './handle.js'
import { fromNativeFailure } from './system-error.js'

declare const brand: unique symbol
/** A mapping as the addon holds it. Unmapped when collected, if it was not detached before. */
export type NativeHandle = { readonly [brand]: 'NativeHandle' }

/** What a mechanism finds an object by: a path in parts, a key. */
export type NativeName = readonly (string | number)[]

/** One that is detached and never had a buffer: to be used again, as making one is not cheap. */
type Spare = NativeHandle | undefined

/** Of a `DsmEvidence`: identity, size, recordedAtMs, creatorPid. */
type EvidenceFields = readonly [
  number | undefined,
  number | undefined,
  number | undefined,
  number | undefined,
]

const NO_EVIDENCE: Partial<DsmEvidence> = {}

/** The functions of `dsm/addon.hpp`. They throw `NativeFailure`s; null: the name is taken. */
export interface NativeAddon<Name extends NativeName> {
  /** Bytes; where a part of a mapping may begin. */
  readonly pageSize: number
  /** Made, allocated and mapped, in `spare` where it is given. */
  create(spare: Spare, size: number, ...name: Name): NativeHandle | null
  /** The name is made before it returns; allocation is on the thread pool. */
  createAsync(
    size: number,
    ...name: Name
  ): { readonly promise: Promise<NativeHandle>; readonly token: unknown } | null
  /** The promise of that token rejects soon, unless it is settled. */
  cancel(token: unknown): void
  /** Throws where the object has another size, owner, mode or kind. */
  attach(spare: Spare, size: number, ...name: Name): NativeHandle
  /** The fields of the evidence, or undefined four times. */
  destroy(...evidenceAndName: [...EvidenceFields, ...Name]): boolean
  /** Once per mapping, and not after `detach`. */
  buffer(mapping: NativeHandle): ArrayBuffer
  /** A second mapping of a page-aligned part. */
  part(spare: Spare, mapping: NativeHandle, offset: number, size: number): NativeHandle
  /** `buffer` is what `buffer()` gave, if it was called. Returns the identity. */
  detach(mapping: NativeHandle, buffer: ArrayBuffer | undefined): number
  /** What tells this object from every other one that has borne its name. */
  identity(mapping: NativeHandle): number
  /** For tests: how many address ranges wait to be unmapped. */
  quarantined(): number
}

type MappingFunctions = Pick<
  NativeAddon<NativeName>,
  'pageSize' | 'buffer' | 'part' | 'detach' | 'identity'
>

/** What the mappings of one namespace share. */
interface Context {
  readonly addon: MappingFunctions
  readonly osName: (handle: number) => string
  readonly spares: NativeHandle[]
}

const SPARES_MAX = 64

export class NativeMapping implements DsmMapping {
  readonly size: number
  readonly #context: Context
  readonly #handle: number
  /** Undefined once detached. */
  #native: Spare
  #buffer: ArrayBuffer | undefined = undefined
  #identity = 0

  constructor(context: Context, native: NativeHandle, size: number, handle: number) {
    this.size = size
    this.#context = context
    this.#native = native
    this.#handle = handle
  }

  get identity(): number {
    if (this.#native !== undefined) this.#identity = this.#context.addon.identity(this.#native)
    return this.#identity
  }

  get buffer(): ArrayBuffer {
    if (this.#buffer !== undefined) return this.#buffer
    const native = this.#attached('buffer')
    this.#buffer = this.#guard(() => this.#context.addon.buffer(native))
    return this.#buffer
  }

  part(offset: number, size: number): DsmMapping {
    const { addon, spares } = this.#context
    integerBetween('offset', offset, 0, this.size - 1)
    if (offset % addon.pageSize !== 0) {
      throw outOfRange('offset', `a multiple of ${addon.pageSize}`, offset)
    }
    integerBetween('size', size, 1, this.size - offset)
    const native = this.#attached('part')
    const part = this.#guard(() => addon.part(spares.pop(), native, offset, size))
    return new NativeMapping(this.#context, part, size, this.#handle)
  }

  detach(): void {
    const native = this.#native
    if (native === undefined) return
    const { addon, spares } = this.#context
    this.#native = undefined
    this.#identity = addon.detach(native, this.#buffer)
    if (this.#buffer === undefined && spares.length < SPARES_MAX) spares.push(native)
  }

  #attached(op: string): NativeHandle {
    if (this.#native !== undefined) return this.#native
    const segment = this.#context.osName(this.#handle)
    const message = `the mapping of shared memory segment "${segment}" is detached`
    throw new DsmError('DSM_DETACHED', message, { op, segment })
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw fromNativeFailure(error, this.#context.osName(this.#handle))
    }
  }
}

/** Every operation that is a call of the addon under the name that belongs to a handle. */
export function nativeNamespace<Name extends NativeName>(
  addon: NativeAddon<Name>,
  osName: (handle: number) => string,
  nameOf: (handle: number) => Name,
): RawNamespace {
  const spares: NativeHandle[] = []
  const context = { addon, osName, spares }
  const mapped = (native: NativeHandle, size: number, handle: number) =>
    new NativeMapping(context, native, size, handle)

  return {
    osName,
    create(handle, size) {
      const native = addon.create(spares.pop(), size, ...nameOf(handle))
      return native === null ? null : mapped(native, size, handle)
    },
    async createAsync(handle, size, options) {
      const job = addon.createAsync(size, ...nameOf(handle))
      if (job === null) return null
      const cancel = () => addon.cancel(job.token)
      options?.signal?.addEventListener('abort', cancel, { once: true })
      try {
        return mapped(await job.promise, size, handle)
      } finally {
        options?.signal?.removeEventListener('abort', cancel)
      }
    },
    attach(handle, size) {
      return mapped(addon.attach(spares.pop(), size, ...nameOf(handle)), size, handle)
    },
    destroy(handle, evidence) {
      const { identity, size, recordedAtMs, creatorPid } = evidence ?? NO_EVIDENCE
      return addon.destroy(identity, size, recordedAtMs, creatorPid, ...nameOf(handle))
    },
    close() {},
  }
}

/**
 * For `enumerate` where objects are files: the handles behind `prefix` in the names of a directory.
 * None if the directory is not there; a name that we would not write so (`02`, `7`) is no handle.
 */
export function handlesInDirectory(dir: string, prefix: string): number[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch (error) {
    const { code, errno = 0 } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw Object.assign(error as Error, { verb: 'open', errno: Math.abs(errno) })
  }
  return names
    .filter(name => name.startsWith(prefix) && /^[1-9]\d{0,9}$/.test(name.slice(prefix.length)))
    .map(name => Number(name.slice(prefix.length)))
    .filter(handle => handle <= HANDLE_MAX && !isMainRegionHandle(handle))
}
