/**
 * The TypeScript side of an addon made with `@dsm/native`: its functions as types, a mapping over
 * them, and the part of a namespace that does not depend on the mechanism.
 * No addon is loaded here, and none is a dependency: each `impl-*` package brings its own. A
 * mechanism written in anything else needs nothing of this file.
 */
import { readdirSync } from 'node:fs'
import { integerBetween, outOfRange } from './arguments.js'
import type { RawNamespace } from './define-impl.js'
import type { DsmMapping } from './dsm-impl.js'
import { DsmError } from './errors.js'
import { HANDLE_MAX, isMainRegionHandle } from './handle.js'
import { fromNativeFailure } from './system-error.js'

declare const brand: unique symbol
/** A mapping as the addon holds it. Unmapped when collected, if it was not detached before. */
export type NativeHandle = { readonly [brand]: 'NativeHandle' }

/** What a mechanism finds an object by: a path in parts, a key. */
export type NativeName = readonly (string | number)[]

/** The functions of `dsm/addon.hpp`. They throw `NativeFailure`s; null: the name is taken. */
export interface NativeAddon<Name extends NativeName> {
  /** Bytes; where a part of a mapping may begin. */
  readonly pageSize: number
  create(size: number, ...name: Name): NativeHandle | null
  createAsync(
    size: number,
    ...name: Name
  ): { readonly promise: Promise<NativeHandle>; readonly token: unknown } | null
  /** The promise of that token rejects soon, unless it is settled. */
  cancel(token: unknown): void
  attach(size: number, ...name: Name): NativeHandle
  /** Evidence as [identity, size, recordedAtMs, creatorPid]. */
  destroy(evidence: readonly number[] | undefined, ...name: Name): boolean
  /** Once per mapping, and not after `detach`. */
  buffer(mapping: NativeHandle): ArrayBuffer
  part(mapping: NativeHandle, offset: number, size: number): NativeHandle
  /** `buffer` is what `buffer()` gave, if it was called. */
  detach(mapping: NativeHandle, buffer: ArrayBuffer | undefined): void
  identity(mapping: NativeHandle): number
  /** For tests: how many address ranges wait to be unmapped. */
  quarantined(): number
}

type MappingFunctions = Pick<
  NativeAddon<NativeName>,
  'pageSize' | 'buffer' | 'part' | 'detach' | 'identity'
>

export class NativeMapping implements DsmMapping {
  readonly size: number
  readonly #addon: MappingFunctions
  readonly #native: NativeHandle
  readonly #osName: string
  #buffer: ArrayBuffer | undefined = undefined
  #detached = false

  constructor(addon: MappingFunctions, native: NativeHandle, size: number, osName: string) {
    this.size = size
    this.#addon = addon
    this.#native = native
    this.#osName = osName
  }

  get identity(): number {
    return this.#addon.identity(this.#native)
  }

  get buffer(): ArrayBuffer {
    if (this.#buffer !== undefined) return this.#buffer
    this.#assertAttached('buffer')
    this.#buffer = this.#guard(() => this.#addon.buffer(this.#native))
    return this.#buffer
  }

  part(offset: number, size: number): DsmMapping {
    integerBetween('offset', offset, 0, this.size - 1)
    const { pageSize } = this.#addon
    if (offset % pageSize !== 0) throw outOfRange('offset', `a multiple of ${pageSize}`, offset)
    integerBetween('size', size, 1, this.size - offset)
    this.#assertAttached('part')
    const native = this.#guard(() => this.#addon.part(this.#native, offset, size))
    return new NativeMapping(this.#addon, native, size, this.#osName)
  }

  detach(): void {
    if (this.#detached) return
    this.#detached = true
    this.#addon.detach(this.#native, this.#buffer)
  }

  #assertAttached(op: string): void {
    if (!this.#detached) return
    const message = `the mapping of shared memory segment "${this.#osName}" is detached`
    throw new DsmError('DSM_DETACHED', message, { op, segment: this.#osName })
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw fromNativeFailure(error, this.#osName)
    }
  }
}

/** Every operation that is a call of the addon under the name that belongs to a handle. */
export function nativeNamespace<Name extends NativeName>(
  addon: NativeAddon<Name>,
  osName: (handle: number) => string,
  nameOf: (handle: number) => Name,
): RawNamespace {
  const mapped = (native: NativeHandle, size: number, handle: number) =>
    new NativeMapping(addon, native, size, osName(handle))

  return {
    osName,
    create(handle, size) {
      const native = addon.create(size, ...nameOf(handle))
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
      return mapped(addon.attach(size, ...nameOf(handle)), size, handle)
    },
    destroy(handle, evidence) {
      const fields = evidence && [
        evidence.identity,
        evidence.size,
        evidence.recordedAtMs,
        evidence.creatorPid,
      ]
      return addon.destroy(fields, ...nameOf(handle))
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
