/**
 * ResourceOwner: a node of a tree that remembers what must be given back when a piece of work
 * ends, well or badly (seed: resowner.c, ResourceOwnerData). It knows a resource only by its
 * kind, and nothing of shared memory. It protects nothing: what is taken without being
 * remembered is not its business.
 *
 * A release goes over the whole tree, children before parents, newest first, in three phases. A
 * callback that throws ends the release; its resource stays, and the next release does the rest
 * first and then tries it again. So one bad callback can delay the others, but not prevent them.
 */
import { invalidState, invalidType } from './arguments.js'
import { type Entry, HeldResources } from './held-resources.js'
import { processLogger, type ResourceOwnerLogger, warnOfLeak } from './leak-warning.js'
import { currentValue, runWith } from './owner-context.js'
import {
  assertFlag,
  assertLogger,
  assertReleaseOptions,
  type Ending,
  type ReleaseOptions,
  type ResourceOwnerOptions,
} from './owner-options.js'
import {
  type AnyKind,
  assertKind,
  RELEASE_PHASES,
  type ReleasePhase,
  type ResourceKind,
} from './resource-kind.js'

let failures = 0
let lastKind: AnyKind | null = null

export class ResourceOwner implements Disposable {
  readonly name: string
  readonly #held = new HeldResources()
  readonly #children = new Set<ResourceOwner>()
  readonly #logger: ResourceOwnerLogger | null
  #parent: ResourceOwner | null = null
  #state: 'open' | 'releasing' | 'failed' | 'deleted' = 'open'
  #reserved = false

  /**
   * @param name for warnings and errors
   * @param parent whose release includes this owner's; default none
   * @throws TypeError for arguments, Error (ERR_INVALID_STATE) if the parent is deleted
   */
  constructor(name: string, parent: ResourceOwner | null = null, options?: ResourceOwnerOptions) {
    if (typeof name !== 'string') throw invalidType('name', 'a string', name)
    assertLogger(options?.logger)
    this.name = name
    this.#logger = options?.logger ?? null
    assertParent(parent)
    if (parent !== null) this.#joinParent(parent)
  }

  /**
   * The owner whose `run` this call belongs to, however many awaits ago; else null. Seed:
   * CurrentResourceOwner.
   */
  static get current(): ResourceOwner | null {
    return currentValue() as ResourceOwner | null
  }

  /** Null for a root. Seed: ResourceOwnerGetParent. */
  get parent(): ResourceOwner | null {
    return this.#parent
  }

  /** Resources held, without those of the children. */
  get size(): number {
    return this.#held.size
  }

  /**
   * Calls `fn` with this owner as `ResourceOwner.current`, there and in all asynchronous work
   * started there. Returns what `fn` returns. Releases nothing.
   * @throws Error (ERR_INVALID_STATE) if deleted, and what `fn` throws
   */
  run<T>(fn: () => T): T {
    this.#refuseDeleted('run')
    return runWith(this, fn)
  }

  /**
   * Makes sure that the next `remember` succeeds: call it before taking the resource. Reserves
   * one place; several calls reserve no more. Seed: ResourceOwnerEnlarge.
   * @throws Error (ERR_INVALID_STATE) if a release has begun, or deleted; RangeError when memory
   *   runs out
   */
  enlarge(): void {
    if (this.#state !== 'open') throw this.#closed('enlarge')
    this.#held.enlarge()
    this.#reserved = true
  }

  /**
   * Holds a resource from now on. Cannot fail after `enlarge`. Seed: ResourceOwnerRemember.
   * @throws only for wrong use: without `enlarge` (ERR_INVALID_STATE), or with no valid kind
   */
  remember<R>(resource: R, kind: ResourceKind<R>): void {
    if (!this.#reserved) throw this.#refusal('remember', 'was not enlarged before')
    if (kind !== lastKind) assertKind(kind)
    lastKind = kind
    this.#reserved = false
    this.#held.add(resource, kind)
  }

  /**
   * No longer holds a resource: it was given back, or somebody else cares for it. Takes the
   * newest of equal ones, in constant time. Seed: ResourceOwnerForget.
   * @throws Error (ERR_INVALID_STATE) if not held, or if a release is going on and this is not
   *   the resource being released
   */
  forget<R>(resource: R, kind: ResourceKind<R>): void {
    if (this.#state !== 'releasing') {
      if (this.#held.remove(resource, kind)) return
      throw this.#refusal('forget', `does not hold this ${kind?.name}`)
    }
    const entry = this.#held.releasing(resource, kind)
    if (entry === null) throw this.#closed('forget')
    this.#held.drop(entry)
  }

  /**
   * One phase over this owner and all below it: children first, newest first; in each owner by
   * priority, then newest first. With `commit`, everything but locks is reported as a leak.
   * Between the first phase and the end of the last nothing can be enlarged, remembered or
   * forgotten. Seed: ResourceOwnerRelease.
   * @throws what a callback throws, at once; then the next release does the rest, and last what
   *   failed. `forget` is possible again in between. TypeError, RangeError for options
   */
  release(options: ReleaseOptions): void {
    assertReleaseOptions(options)
    this.#releasePhases([options.phase], options)
  }

  /**
   * All three phases, as the end of the whole work if this owner has no parent.
   * @throws as `release`
   */
  releaseAll(options: { readonly commit: boolean }): void {
    assertFlag(options, 'commit')
    const topLevel = this.#parent === null
    this.#releasePhases(RELEASE_PHASES, { commit: options.commit, topLevel })
  }

  /**
   * Ends this owner and all below it. Once more does nothing. Seed: ResourceOwnerDelete.
   * @throws Error (ERR_INVALID_STATE), with nothing changed, if one of them holds a resource or
   *   is current
   */
  delete(): void {
    if (this.#state === 'deleted') return
    const owners = this.#childrenFirst()
    const current = currentValue()
    for (const owner of owners) {
      if (owner.#held.size > 0) {
        throw invalidState(`resource owner "${owner.name}" still holds ${owner.#held.size}`)
      }
      if (owner === current) throw invalidState(`resource owner "${owner.name}" is current`)
    }
    if (this.#parent !== null) this.#parent.#children.delete(this)
    for (const owner of owners) {
      owner.#state = 'deleted'
      owner.#reserved = false
      owner.#parent = null
      owner.#children.clear()
    }
  }

  /**
   * Moves this owner, with all below it, under another; null makes it a root. Seed:
   * ResourceOwnerNewParent.
   * @throws TypeError; Error (ERR_INVALID_STATE), with nothing changed, if the parent is this
   *   owner or below it, or one of the two is deleted
   */
  newParent(parent: ResourceOwner | null): void {
    assertParent(parent)
    this.#refuseDeleted('newParent')
    for (let above = parent; above !== null; above = above.#parent) {
      if (above !== this) continue
      throw invalidState(`resource owner "${this.name}" cannot be below itself`)
    }
    const former = this.#parent
    if (parent === former) return
    if (parent !== null) this.#joinParent(parent)
    else this.#parent = null
    if (former !== null) former.#children.delete(this)
  }

  /** `releaseAll({ commit: false })`, then `delete()`. Does nothing if deleted. */
  [Symbol.dispose](): void {
    if (this.#state === 'deleted') return
    this.releaseAll({ commit: false })
    this.delete()
  }

  #releasePhases(phases: readonly ReleasePhase[], ending: Ending): void {
    const owners = this.#childrenFirst()
    for (const owner of owners) owner.#begin()
    try {
      for (const phase of phases) {
        for (const owner of owners) owner.#releaseFresh(phase, ending)
      }
      for (const phase of phases) {
        for (const owner of owners) {
          for (const entry of owner.#held.failed(phase)) owner.#releaseOne(entry, ending.commit)
        }
      }
    } catch (error) {
      for (const owner of owners) owner.#end('failed')
      throw error
    }
    if (phases.at(-1) === 'after-locks') for (const owner of owners) owner.#end('open')
  }

  #begin(): void {
    if (this.#state !== 'deleted') this.#state = 'releasing'
    this.#reserved = false
  }

  #end(state: 'open' | 'failed'): void {
    if (this.#state !== 'deleted') this.#state = state
  }

  #releaseFresh(phase: ReleasePhase, { commit, topLevel }: Ending): void {
    const entries = this.#held.fresh(phase)
    const heir = phase === 'locks' && commit && !topLevel ? this.#parent : null
    if (heir === null) {
      for (const entry of entries) this.#releaseOne(entry, commit)
      return
    }
    for (const { resource, kind } of [...entries].reverse()) {
      heir.#held.enlarge()
      heir.#held.add(resource, kind)
    }
    for (const entry of entries) this.#held.drop(entry)
  }

  /** The entry stays until the callback has returned, so that nothing is lost if it throws. */
  #releaseOne(entry: Entry, commit: boolean): void {
    if (entry.state !== 'held') return // a callback released it through another release
    if (commit && entry.kind.phase !== 'locks' && !entry.reported) {
      entry.reported = true
      warnOfLeak(this.#nearestLogger(), this.name, entry)
    }
    entry.state = 'releasing'
    try {
      entry.kind.release(entry.resource as never)
    } catch (error) {
      if (entry.state === 'releasing') entry.state = 'held'
      entry.failure = ++failures
      throw error
    }
    this.#held.drop(entry)
  }

  /** This owner and all below it: the newest child with its children first, this one last. */
  #childrenFirst(): ResourceOwner[] {
    const found: ResourceOwner[] = []
    const open: ResourceOwner[] = [this]
    for (let owner = open.pop(); owner !== undefined; owner = open.pop()) {
      found.push(owner)
      for (const child of [...owner.#children].reverse()) open.push(child)
    }
    return found.reverse()
  }

  #nearestLogger(): ResourceOwnerLogger {
    for (let owner: ResourceOwner | null = this; owner !== null; owner = owner.#parent) {
      if (owner.#logger !== null) return owner.#logger
    }
    return processLogger
  }

  #joinParent(parent: ResourceOwner): void {
    parent.#refuseDeleted('newParent')
    this.#parent = parent
    parent.#children.add(this)
  }

  #refuseDeleted(call: string): void {
    if (this.#state === 'deleted') throw this.#closed(call)
  }

  #closed(call: string): Error {
    return this.#refusal(call, this.#state === 'deleted' ? 'is deleted' : 'is being released')
  }

  #refusal(call: string, why: string): Error {
    return invalidState(`${call}: resource owner "${this.name}" ${why}`)
  }
}

function assertParent(parent: unknown): void {
  if (parent === null || parent instanceof ResourceOwner) return
  throw invalidType('parent', 'a ResourceOwner or null', parent)
}
