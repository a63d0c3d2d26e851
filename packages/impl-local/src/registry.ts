/**
 * All local objects of this process, by name. They live until they are destroyed, or until
 * `resetLocal`. On `globalThis`, so that ESM and CommonJS copies of this package see the same ones.
 */
import type { DsmScope } from '@dsm/impl'
import { LocalBytes } from './object.js'

export interface LocalObject {
  readonly identity: number
  /** Bytes; 0 until allocated. */
  size: number
  bytes: LocalBytes
  readonly createdAtMs: number
  readonly creatorPid: number
  /** Not ours: neither attached nor removed. */
  readonly foreign: boolean
  mappings: number
  readonly pins: Set<bigint>
}

interface State {
  readonly objects: Map<string, LocalObject>
  lastIdentity: number
  lastPin: bigint
}

const KEY = Symbol.for('@dsm/impl-local.v1')
const holder = globalThis as unknown as { [KEY]?: State }
holder[KEY] ??= { objects: new Map(), lastIdentity: 0, lastPin: 0n }
export const state: State = holder[KEY]

/** `local:<nonce>.<handle>`; scopes with the same nonce are one. */
export const nameOf = (scope: DsmScope, handle: number) => `local:${scope.nonce}.${handle}`

export interface Placed {
  /** Bytes. Default 0: its maker died before sizing it. */
  readonly size?: number
  readonly foreign?: boolean
  /** Unix time in milliseconds; default now. */
  readonly createdAtMs?: number
  /** Default this process. */
  readonly creatorPid?: number
}

/** Puts an object under a free name, as another process might have. Gives its identity. */
export function placeObject(scope: DsmScope, handle: number, placed: Placed = {}): number {
  const made = insert(nameOf(scope, handle), placed)
  if (made === null) throw new Error(`${nameOf(scope, handle)} is taken`)
  return made.identity
}

/** null: the name is taken. */
export function insert(name: string, placed: Placed): LocalObject | null {
  if (state.objects.has(name)) return null
  const size = placed.size ?? 0
  const object: LocalObject = {
    identity: ++state.lastIdentity,
    size,
    bytes: new LocalBytes(size),
    createdAtMs: placed.createdAtMs ?? Date.now(),
    creatorPid: placed.creatorPid ?? process.pid,
    foreign: placed.foreign ?? false,
    mappings: 0,
    pins: new Set(),
  }
  state.objects.set(name, object)
  return object
}

/** Takes the name away if it still names this very object. */
export function remove(name: string, object: LocalObject): void {
  if (state.objects.get(name) === object) state.objects.delete(name)
}

/** The names of all objects, or of one scope's: what a test should find empty at its end. */
export function remainingLocal(scope?: DsmScope): string[] {
  const prefix = scope === undefined ? 'local:' : nameOf(scope, 0).slice(0, -1)
  return [...state.objects.keys()].filter(name => name.startsWith(prefix))
}

/** Forgets every object of this process. Mappings that exist go on. */
export function resetLocal(): void {
  state.objects.clear()
}
