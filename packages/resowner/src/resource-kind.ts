/**
 * What an owner must know of a kind of resource: its name, when it is released and how. Nothing
 * else: an owner never looks into a resource (seed: ResourceOwnerDesc, resowner.h).
 */
import { invalidType, outOfRange } from './arguments.js'

/** The three rounds of a release, in this order; each goes over the whole tree first. */
export const RELEASE_PHASES = ['before-locks', 'locks', 'after-locks'] as const

/**
 * - `'before-locks'`: what others can see, while what protects it is still held
 * - `'locks'`: kept until the end by design; not leaks; a committed child gives them to its parent
 * - `'after-locks'`: what concerns this process only
 */
export type ReleasePhase = (typeof RELEASE_PHASES)[number]

/** What an owner knows of the resources of one kind. */
export interface ResourceKind<R> {
  /** For warnings. */
  readonly name: string
  readonly phase: ReleasePhase
  /** Integer from 1; lower is earlier, within one owner and phase. PostgreSQL's dsm has 400. */
  readonly priority: number
  /**
   * Gives the resource back. Synchronous. May `forget` this resource, and no other. If it throws,
   * the resource stays with its owner and is tried again by the next release.
   */
  release(resource: R): void
  /** How a warning names the resource. */
  describe?(resource: R): string
}

/** A kind whose resources the owner passes around without looking at them. */
export type AnyKind = ResourceKind<never>

const admitted = new WeakSet<object>()

/** @throws TypeError, RangeError if a kind is not as `ResourceKind` says. Looks once at each. */
export function assertKind(kind: AnyKind): void {
  if (typeof kind !== 'object' || kind === null) throw invalidType('kind', 'an object', kind)
  if (admitted.has(kind)) return
  if (typeof kind.name !== 'string') throw invalidType('kind.name', 'a string', kind.name)
  assertPhase('kind.phase', kind.phase)
  if (typeof kind.priority !== 'number') {
    throw invalidType('kind.priority', 'a number', kind.priority)
  }
  if (!Number.isInteger(kind.priority) || kind.priority < 1) {
    throw outOfRange('kind.priority', 'an integer from 1', kind.priority)
  }
  if (typeof kind.release !== 'function') {
    throw invalidType('kind.release', 'a function', kind.release)
  }
  if (kind.describe !== undefined && typeof kind.describe !== 'function') {
    throw invalidType('kind.describe', 'a function', kind.describe)
  }
  admitted.add(kind)
}

/** @throws TypeError, RangeError if it is none of the three phases. */
export function assertPhase(name: string, phase: unknown): asserts phase is ReleasePhase {
  if (typeof phase !== 'string') throw invalidType(name, 'a string', phase)
  if (!(RELEASE_PHASES as readonly string[]).includes(phase)) {
    throw outOfRange(name, `one of ${RELEASE_PHASES.join(', ')}`, phase)
  }
}
