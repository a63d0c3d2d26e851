/**
 * A room is where one test works: a scope that nobody else has, a private directory, and a list of
 * what the test made, so that it can be taken away afterwards whatever happened.
 * A test that passed must leave nothing but what the room knows of: `leave` finds out.
 */
import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DsmImpl, DsmMapping, DsmNamespace, DsmScope } from '../dsm-impl.js'
import { handleFromRandomBits } from '../handle.js'
import { PAGE } from './check.js'
import { Child } from './processes.js'
import type { Shortage } from './protocol.js'
import type { Suite } from './suite.js'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** A scope in a fresh directory, 0700, with a fresh nonce. */
export function makeScope(impl: DsmImpl): DsmScope {
  const nonce = [...randomBytes(13)].map(byte => ALPHABET[byte & 31]).join('')
  return { dir: mkdtempSync(join(tmpdir(), 'dsm-conformance-')), nonce, options: impl.options }
}

export class Room {
  readonly scope: DsmScope
  readonly space: DsmNamespace
  readonly impl: DsmImpl
  readonly #suite: Suite
  readonly #spaces: DsmNamespace[] = []
  readonly #mappings: DsmMapping[] = []
  readonly #made = new Set<number>()
  readonly #pins = new Map<number, { readonly token: bigint; readonly mapping: DsmMapping }>()
  readonly #children: Child[] = []
  readonly #undo: (() => void)[] = []

  constructor(suite: Suite) {
    this.#suite = suite
    this.impl = suite.impl
    this.scope = makeScope(this.impl)
    suite.scopes.push(this.scope)
    try {
      this.space = this.open()
    } catch (error) {
      rmSync(this.scope.dir, { recursive: true })
      throw error
    }
  }

  /** Another namespace of the room's scope, which has been through JSON on its way. */
  open(): DsmNamespace {
    const space = this.impl.open(JSON.parse(JSON.stringify(this.scope)) as DsmScope)
    this.#spaces.push(space)
    return space
  }

  /** An even handle below 2^31 (System V knows no more) that this suite has not used yet. */
  handle(): number {
    for (;;) {
      const handle = handleFromRandomBits(randomInt(1, 0x4000_0000))
      if (this.claim(handle)) return handle
    }
  }

  /** Notes that the test uses this handle. False if it did already. */
  claim(handle: number): boolean {
    const known = this.#suite.handles.get(this.scope) ?? new Set<number>()
    this.#suite.handles.set(this.scope, known)
    if (known.has(handle)) return false
    known.add(handle)
    this.#suite.osNames.add(this.space.osName(handle))
    return true
  }

  /** Creates, and pins where objects die with their last mapping, so that it is like everywhere. */
  create(handle: number, size = PAGE): DsmMapping {
    const mapping = this.space.create(handle, size)
    assert.ok(mapping, `${this.space.osName(handle)} is taken`)
    return this.made(handle, mapping)
  }

  /** An object that the test made itself: to be removed at the end. */
  made(handle: number, mapping: DsmMapping): DsmMapping {
    this.#made.add(handle)
    if (this.space.pin) this.#pins.set(handle, { token: this.space.pin(handle), mapping })
    return this.keep(mapping)
  }

  attach(handle: number, size = PAGE): DsmMapping {
    return this.keep(this.space.attach(handle, size))
  }

  /** A mapping to be detached at the end. */
  keep(mapping: DsmMapping): DsmMapping {
    this.#mappings.push(mapping)
    return mapping
  }

  /** An object that another process made: to be removed at the end. */
  adopt(handle: number): void {
    this.#made.add(handle)
  }

  /** Puts something foreign under a name, until the test ends or calls what this gives. */
  plant(handle: number, size: number, kind: string): () => void {
    const take = this.#suite.settings.foreign![kind]!(this.space, handle, size)
    let there = true
    const once = () => {
      if (there) take()
      there = false
    }
    this.#undo.push(once)
    return once
  }

  async child(shortage?: Shortage): Promise<Child> {
    const child = await Child.start(this.#suite, this.scope, shortage)
    this.#children.push(child)
    return child
  }

  /** Clears up. After a test that passed, whatever is left then was leaked by the mechanism. */
  async leave(passed: boolean): Promise<void> {
    for (const child of this.#children) await child.kill()
    const space = this.impl.open(this.scope)
    try {
      for (const undo of this.#undo) undo()
      for (const mapping of this.#mappings) mapping.detach()
      for (const handle of this.#made) this.#remove(space, handle)
      if (passed) this.#assertEmpty(space)
    } finally {
      if (!passed) {
        for (const handle of this.#suite.handles.get(this.scope) ?? []) sweep(space, handle)
      }
      for (const opened of [...this.#spaces, space]) opened.close()
      rmSync(this.scope.dir, { recursive: true })
    }
  }

  #remove(space: DsmNamespace, handle: number): void {
    const pin = this.#pins.get(handle)
    if (pin && bears(space, handle, pin.mapping)) space.unpin!(handle, pin.token)
    assert.equal(space.destroy(handle), true, `${space.osName(handle)} cannot be removed`)
  }

  #assertEmpty(space: DsmNamespace): void {
    assert.deepEqual(readdirSync(this.scope.dir), [], 'scope.dir is not for the mechanism')
    const { enumerate, ownsNames } = this.impl.supports
    if (!enumerate || !ownsNames) return
    assert.deepEqual(space.enumerate!(), [], 'the test is over and these handles have objects')
  }
}

/** True if the handle still names the object of `mapping`. */
function bears(space: DsmNamespace, handle: number, mapping: DsmMapping): boolean {
  try {
    const now = space.attach(handle, mapping.size)
    now.detach()
    return now.identity === mapping.identity
  } catch {
    return false
  }
}

/** Removes what a broken mechanism may have left, as far as it can. */
export function sweep(space: DsmNamespace, handle: number): void {
  try {
    space.destroy(handle)
  } catch {}
}
