/**
 * What one owner holds: a bag of (resource, kind) pairs that knows their age. Releases nothing.
 *
 * The newest stand in a short array, searched from its end: most resources are given back soon
 * and newest first, and a map would cost more than all the rest. What grows old moves into a
 * linked list with an index, so that forgetting takes constant time among any number.
 * The same pair may be held several times; the newest is forgotten first.
 */
import type { AnyKind, ReleasePhase } from './resource-kind.js'

/** Places in the array; from a full one the older half moves to the list. */
const RECENT_MAX = 32

export interface Entry {
  readonly resource: unknown
  readonly kind: AnyKind
  state: 'held' | 'releasing' | 'gone'
  /** 0, or the number of its last failure: who failed longest ago is tried first. */
  failure: number
  /** The leak was reported; once is enough. */
  reported: boolean
  newer: Entry | null
  older: Entry | null
  /** The next older entry of the same pair. */
  twin: Entry | null
}

export class HeldResources {
  readonly #recent: unknown[] = []
  readonly #recentKinds: AnyKind[] = []
  readonly #index = new Map<AnyKind, Map<unknown, Entry>>()
  #newest: Entry | null = null
  #listed = 0

  get size(): number {
    return this.#recent.length + this.#listed
  }

  /** Makes room for one more. All that can fail for lack of memory happens here. */
  enlarge(): void {
    if (this.#recent.length >= RECENT_MAX) this.#list(RECENT_MAX / 2)
  }

  /** Adds the newest. There must be room. */
  add(resource: unknown, kind: AnyKind): void {
    this.#recent.push(resource)
    this.#recentKinds.push(kind)
  }

  /** Takes out the newest such pair. False if there is none. */
  remove(resource: unknown, kind: AnyKind): boolean {
    const recent = this.#recent
    for (let at = recent.length - 1; at >= 0; at--) {
      if (this.#recentKinds[at] !== kind || !isSame(recent[at], resource)) continue
      for (let to = at; to < recent.length - 1; to++) {
        recent[to] = recent[to + 1]
        this.#recentKinds[to] = this.#recentKinds[to + 1]!
      }
      recent.pop()
      this.#recentKinds.pop()
      return true
    }
    const entry = this.#index.get(kind)?.get(resource)
    if (entry === undefined) return false
    this.drop(entry)
    return true
  }

  /** The entry of such a pair that is being released just now, or null. */
  releasing(resource: unknown, kind: AnyKind): Entry | null {
    let entry = this.#index.get(kind)?.get(resource) ?? null
    while (entry !== null && entry.state !== 'releasing') entry = entry.twin
    return entry
  }

  /** Takes out an entry; once more does nothing. */
  drop(entry: Entry): void {
    if (entry.state === 'gone') return
    entry.state = 'gone'
    this.#listed--
    if (entry.newer === null) this.#newest = entry.older
    else entry.newer.older = entry.older
    if (entry.older !== null) entry.older.newer = entry.newer
    this.#unindex(entry)
  }

  /** Entries of a phase that never failed: by priority, then newest first. */
  fresh(phase: ReleasePhase): Entry[] {
    const byPriority = new Map<number, Entry[]>()
    for (const entry of this.#entries(phase)) {
      if (entry.failure !== 0) continue
      const same = byPriority.get(entry.kind.priority)
      if (same === undefined) byPriority.set(entry.kind.priority, [entry])
      else same.push(entry)
    }
    const priorities = [...byPriority.keys()].sort((a, b) => a - b)
    return priorities.flatMap(priority => byPriority.get(priority)!)
  }

  /** Entries of a phase whose release failed before: who failed longest ago first. */
  failed(phase: ReleasePhase): Entry[] {
    const entries = [...this.#entries(phase)].filter(entry => entry.failure !== 0)
    return entries.sort((a, b) => a.failure - b.failure)
  }

  /** Newest first. */
  *#entries(phase: ReleasePhase): Generator<Entry> {
    this.#list(this.#recent.length)
    for (let entry = this.#newest; entry !== null; entry = entry.older) {
      if (entry.kind.phase === phase) yield entry
    }
  }

  /** Moves the oldest of the array into the list. */
  #list(count: number): void {
    for (let at = 0; at < count; at++) {
      const kind = this.#recentKinds[at]!
      const resource = this.#recent[at]
      const pairs = this.#index.get(kind) ?? new Map<unknown, Entry>()
      if (pairs.size === 0) this.#index.set(kind, pairs)
      const entry: Entry = {
        resource,
        kind,
        state: 'held',
        failure: 0,
        reported: false,
        newer: null,
        older: this.#newest,
        twin: pairs.get(resource) ?? null,
      }
      pairs.set(resource, entry)
      if (this.#newest !== null) this.#newest.newer = entry
      this.#newest = entry
      this.#listed++
    }
    this.#recent.splice(0, count)
    this.#recentKinds.splice(0, count)
  }

  #unindex(entry: Entry): void {
    const pairs = this.#index.get(entry.kind)!
    let twin = pairs.get(entry.resource)!
    if (twin !== entry) {
      while (twin.twin !== entry) twin = twin.twin!
      twin.twin = entry.twin
    } else if (entry.twin !== null) {
      pairs.set(entry.resource, entry.twin)
    } else {
      pairs.delete(entry.resource)
      if (pairs.size === 0) this.#index.delete(entry.kind)
    }
  }
}

/** As a Map compares its keys. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
