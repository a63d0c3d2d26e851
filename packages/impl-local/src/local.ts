/**
 * `local()`: a DsmImpl without an operating system, for tests. One process, one thread; the objects
 * die with it. It keeps the contract free of POSIX by accident, and fails on order (`faults.ts`).
 * Not for production: nothing else can reach its objects. What it cannot do, see `object.ts`.
 */
import { constants } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import {
  abortError,
  type DsmEvidence,
  type DsmImpl,
  type DsmMapping,
  type DsmScope,
  defineImpl,
  isNativeFailure,
  type RawNamespace,
} from '@dsm/impl'
import { LocalFaults, nativeFailure, translated } from './faults.js'
import { LocalMapping } from './mapping.js'
import { LocalBytes } from './object.js'
import { insert, type LocalObject, nameOf, remove, state } from './registry.js'

export interface LocalOptions {
  readonly faults?: LocalFaults
  /**
   * `live` (default): all mappings of a range hand out one ArrayBuffer, so a store is seen at once,
   * and views are emptied when the last of those mappings detaches. `own`: every mapping has its
   * own buffer and empties it itself; stores are seen at the next use of `mapping.buffer`.
   */
  readonly buffers?: 'live' | 'own'
  /** Objects die with their last mapping unless pinned, as on Windows. Default false. */
  readonly pins?: boolean
  /** Bytes; default what this Node can allocate. */
  readonly sizeMax?: number
}

export function local(options: LocalOptions = {}): DsmImpl {
  const settings: Settings = {
    faults: options.faults ?? new LocalFaults(),
    live: (options.buffers ?? 'live') === 'live',
    pins: options.pins ?? false,
  }
  return defineImpl({
    kind: 'local',
    options: {},
    supports: { crossProcess: false, enumerate: true, ownsNames: true, survivesReboot: false },
    sizeMax: options.sizeMax ?? constants.MAX_LENGTH,
    open(scope) {
      const osName = nameOf(scope, 0)
      const Namespace = settings.pins ? PinningNamespace : LocalNamespace
      const work = () => new Namespace(scope, settings)
      return translated(osName, () => settings.faults.run('open', { osName }, work))
    },
  })
}

interface Settings {
  readonly faults: LocalFaults
  readonly live: boolean
  readonly pins: boolean
}

class LocalNamespace implements RawNamespace {
  protected readonly faults: LocalFaults
  readonly #scope: DsmScope
  readonly #settings: Settings

  constructor(scope: DsmScope, settings: Settings) {
    this.#scope = scope
    this.#settings = settings
    this.faults = settings.faults
  }

  osName(handle: number): string {
    return nameOf(this.#scope, handle)
  }

  create(handle: number, size: number): DsmMapping | null {
    const osName = this.osName(handle)
    const work = () => {
      const object = insert(osName, {})
      if (object === null) return null
      return undone(osName, object, () => {
        allocate(object, size)
        return this.#map(osName, object)
      })
    }
    return this.faults.run('create', { osName, size }, work, { taken: () => null })
  }

  createAsync(
    handle: number,
    size: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<DsmMapping | null> {
    const osName = this.osName(handle)
    const work = async () => {
      const object = insert(osName, {})
      if (object === null) return null
      return this.#finish(osName, object, size, options?.signal)
    }
    return this.faults.run('createAsync', { osName, size }, work, { taken: async () => null })
  }

  attach(handle: number, size: number): DsmMapping {
    const osName = this.osName(handle)
    return this.faults.run('attach', { osName, size }, () => {
      const object = state.objects.get(osName)
      if (!object) throw nativeFailure('attach', { errno: 'ENOENT' })
      const foreign = object.foreign
        ? 'it belongs to somebody else'
        : `it has ${object.size} bytes instead of ${size}`
      if (object.foreign || object.size !== size) {
        throw nativeFailure('attach', { errno: '', foreign })
      }
      return this.#map(osName, object)
    })
  }

  destroy(handle: number, evidence?: DsmEvidence): boolean {
    const osName = this.osName(handle)
    const work = () => {
      const object = state.objects.get(osName)
      if (!object) return true
      if (object.foreign || (evidence && !describes(evidence, object))) return false
      remove(osName, object)
      return true
    }
    return this.faults.run('destroy', { osName }, work, { foreign: () => false })
  }

  enumerate(): number[] {
    const prefix = nameOf(this.#scope, 0).slice(0, -1)
    return this.faults.run('enumerate', { osName: prefix }, () =>
      [...state.objects]
        .filter(([name, object]) => name.startsWith(prefix) && !object.foreign)
        .map(([name]) => Number(name.slice(prefix.length))),
    )
  }

  close(): void {
    this.faults.run('close', { osName: nameOf(this.#scope, 0) }, () => undefined)
  }

  #finish(osName: string, object: LocalObject, size: number, signal?: AbortSignal) {
    return undoneLater(osName, object, async () => {
      await setImmediate()
      return this.faults.run('allocate', { osName, size }, () => {
        if (signal?.aborted) throw abortError(signal)
        allocate(object, size)
        return this.#map(osName, object)
      })
    })
  }

  #map(osName: string, object: LocalObject): DsmMapping {
    const { faults, live, pins } = this.#settings
    const released = () => {
      if (--object.mappings === 0 && pins && object.pins.size === 0) remove(osName, object)
    }
    const retained = () => void object.mappings++
    return faults.run('map', { osName, size: object.size }, () => {
      retained()
      const place = { object, osName, faults, live, released, retained }
      return new LocalMapping(place, 0, object.size)
    })
  }
}

class PinningNamespace extends LocalNamespace {
  pin(handle: number): bigint {
    const osName = this.osName(handle)
    return this.faults.run('pin', { osName }, () => {
      const object = state.objects.get(osName)
      if (!object) throw nativeFailure('pin', { errno: 'ENOENT' })
      const token = ++state.lastPin
      object.pins.add(token)
      return token
    })
  }

  unpin(handle: number, token: bigint): void {
    const osName = this.osName(handle)
    this.faults.run('unpin', { osName }, () => {
      const object = state.objects.get(osName)
      if (!object?.pins.delete(token)) return
      if (object.pins.size === 0 && object.mappings === 0) remove(osName, object)
    })
  }
}

function allocate(object: LocalObject, size: number): void {
  try {
    object.bytes = new LocalBytes(size)
  } catch {
    throw nativeFailure('allocate', { errno: 'ENOMEM' })
  }
  object.size = size
}

/**
 * A failed or aborted operation leaves nothing. What a hook throws stands for a death: all stays.
 */
const leavesNothing = (error: unknown) =>
  isNativeFailure(error) || (error instanceof Error && error.name === 'AbortError')

function undone<T>(osName: string, object: LocalObject, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (leavesNothing(error)) remove(osName, object)
    throw error
  }
}

async function undoneLater<T>(osName: string, object: LocalObject, work: () => Promise<T>) {
  try {
    return await work()
  } catch (error) {
    if (leavesNothing(error)) remove(osName, object)
    throw error
  }
}

function describes(evidence: DsmEvidence, object: LocalObject): boolean {
  if (evidence.identity !== 0) return evidence.identity === object.identity
  return (
    (object.size === evidence.size || object.size === 0) &&
    object.createdAtMs >= evidence.recordedAtMs &&
    object.creatorPid === evidence.creatorPid
  )
}
