/**
 * One round of the campaign `cuts`: an operation, stopped in one of the ways. Returns what was
 * done, for a message, and whether anything was cut.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { DsmError } from '@dsm/core'
import type { Random } from '../../random.js'
import { GUEST_OPERATIONS, MEMBER_OPERATIONS } from './cut-operations.js'
import type { CutOptions, ThreadOptions, Way } from './cut-protocol.js'
import type { Stage } from './cut-stage.js'
import { atTheEndOfTheStack, CUT, cutAnywhere, cutAtStore, throwAtStore } from './cutters.js'

export interface Round {
  readonly what: string
  readonly cut: boolean
}

/** Most operations have fewer. */
const STORES_MAX = 32
const TIMEOUT_MS_MAX = 3
const THREAD_MS_MAX = 40
/** A lock whose section was cut is given up in half a second of event loop, a name in one. */
const GIVEN_UP_WITHIN_MS = 10_000
const LOCK_WORD = 2
const NAMED_SIZE = 100

export class Rounds {
  readonly #stage: Stage
  readonly #options: CutOptions
  readonly #random: Random

  constructor(stage: Stage, options: CutOptions, random: Random) {
    this.#stage = stage
    this.#options = options
    this.#random = random
  }

  async run(way: Way): Promise<Round> {
    switch (way) {
      case 'store':
        return this.#atStore(cutAtStore)
      case 'exception':
        return this.#atStore(throwAtStore)
      case 'timeout':
        return this.#anywhere()
      case 'stack':
        return this.#stack()
      case 'callback':
        return this.#callback()
      case 'allocation':
        return this.#allocation()
      case 'thread':
        return this.#thread()
      case 'lock':
        return this.#lock()
      case 'name':
        return this.#name()
    }
  }

  /** An operation of a member or of a guest, prepared. */
  #prepare(): { name: string; action: () => unknown } {
    const { one, kept } = this.#stage
    const members = Object.keys(MEMBER_OPERATIONS)
    const name = this.#random.pick([...members, ...Object.keys(GUEST_OPERATIONS)]) ?? ''
    const action =
      MEMBER_OPERATIONS[name]?.({ dsm: one, kept: kept.handle }) ??
      GUEST_OPERATIONS[name]?.({ join: () => this.#stage.join(), kept: kept.handle })
    return { name, action: action ?? (() => undefined) }
  }

  async #atStore(
    cutter: (store: number, work: () => unknown) => boolean | Promise<boolean>,
  ): Promise<Round> {
    const { name, action } = this.#prepare()
    const store = 1 + this.#random.below(STORES_MAX)
    return { what: `${name}, at store ${store}`, cut: await cutter(store, action) }
  }

  #anywhere(): Round {
    const timeout = 1 + this.#random.below(TIMEOUT_MS_MAX)
    const guests = this.#random.oneIn(3)
    const cut = cutAnywhere(timeout, () => (guests ? this.#comeAndGo() : this.#anything()))
    return { what: guests ? 'a guest' : 'a row of operations', cut }
  }

  #comeAndGo(): void {
    const dsm = this.#stage.join()
    dsm.getOrCreate('made', 100, ({ bytes }) => bytes.fill(1))
    dsm.close()
    this.#stage.guest = null
  }

  #anything(): void {
    const { one, kept } = this.#stage
    const name = this.#random.pick(Object.keys(MEMBER_OPERATIONS)) ?? ''
    try {
      MEMBER_OPERATIONS[name]?.({ dsm: one, kept: kept.handle })()
    } catch (error) {
      const known = ['DSM_ALREADY_ATTACHED', 'DSM_TOO_MANY_SEGMENTS', 'DSM_ALREADY_PINNED']
      if (!DsmError.isInstance(error) || !known.includes(error.code)) throw error
      for (const { handle, pinned } of one.segments()) if (pinned) one.unpinSegment(handle)
      one.detachAll()
    }
  }

  #stack(): Round {
    const { name, action } = this.#prepare()
    const overflows = atTheEndOfTheStack(action)
    return { what: `${name}, ${overflows} overflows`, cut: overflows > 0 }
  }

  /** What a callback throws comes out as it is. */
  #callback(): Round {
    const { one } = this.#stage
    const fail = (): never => {
      throw CUT
    }
    const works: Record<string, () => unknown> = {
      init: () => one.getOrCreate('made', 100, fail),
      onDetach: () => {
        const segment = one.create(100)
        segment.onDetach(fail)
        segment.detach()
      },
      'onDetach at close': () => {
        const guest = this.#stage.join()
        guest.create(100).onDetach(fail)
        guest.close()
      },
      'a logger at join': () => {
        this.#stage.loggerThrows = CUT
        this.#stage.join(2)
      },
      'a logger at a removal that fails': () => {
        const segment = one.create(100, { ownObject: true })
        this.#stage.loggerThrows = CUT
        this.#stage.faults.arm(1)
        segment.detach()
      },
    }
    const name = this.#random.pick(Object.keys(works)) ?? ''
    let thrown: unknown = null
    try {
      works[name]?.()
    } catch (error) {
      thrown = error
    }
    this.#stage.loggerThrows = null
    this.#stage.faults.disarm()
    if (thrown !== CUT) this.#stage.problems.push(`${name} threw ${String(thrown)}`)
    return { what: `${name} throws`, cut: true }
  }

  async #allocation(): Promise<Round> {
    const { name, action } = this.#prepare()
    const { faults } = this.#stage
    const call = 1 + this.#random.below(2)
    faults.arm(call)
    try {
      await action()
    } catch (error) {
      if (!DsmError.isInstance(error)) throw error
    }
    return { what: `${name}, call ${call} to the mechanism fails`, cut: faults.disarm() }
  }

  async #thread(): Promise<Round> {
    const { group } = this.#options
    const workerData: ThreadOptions = {
      group,
      seed: this.#random.fork(),
      kept: this.#stage.kept.handle,
    }
    const worker = new Worker(new URL(import.meta.resolve('./cut-thread.js')), { workerData })
    const failed = new Promise<string>(resolve => worker.once('error', e => resolve(`${e.stack}`)))
    const works = new Promise<string>(resolve => worker.once('message', () => resolve('')))
    const started = await Promise.race([works, failed])
    await delay(this.#random.below(THREAD_MS_MAX))
    await worker.terminate()
    const late = await Promise.race([failed, delay(0, '')])
    if (started + late !== '') this.#stage.problems.push(`a thread failed: ${started}${late}`)
    return { what: 'a terminated thread', cut: true }
  }

  /** Its owner lives, and says that what it guards may be half done. */
  async #lock(): Promise<Round> {
    const { one, other, kept } = this.#stage
    const words = new Int32Array(kept.buffer, 0, 8)
    const mine = one.findMapping(kept.handle) ?? one.attach(kept.handle)
    const shared = new Int32Array(mine?.buffer ?? new ArrayBuffer(64), 0, 8)
    let inside = false
    cutAnywhere(2, () =>
      one.lock(shared, LOCK_WORD).run(() => {
        for (inside = true; ; );
      }),
    )
    const where = inside ? 'inside' : 'before'
    const detaches = this.#random.oneIn(2)
    if (detaches) mine?.detach()
    const theirs = other.lock(words, LOCK_WORD)
    const deadline = performance.now() + GIVEN_UP_WITHIN_MS
    let held = theirs.tryAcquire()
    while (held === null && performance.now() < deadline) {
      await delay(20)
      held = theirs.tryAcquire()
    }
    if (held === null || (inside && !held.recovered)) {
      this.#stage.problems.push(`the lock of a cut section: recovered ${held?.recovered}`)
    }
    held?.release()
    return { what: `a section of a lock, ${where}${detaches ? ', and detached' : ''}`, cut: true }
  }

  /** Who was to make the segment of a name lives, and another one makes it. */
  async #name(): Promise<Round> {
    const { one, other, problems } = this.#stage
    let inside = false
    cutAnywhere(2, () =>
      one.getOrCreate('cut', NAMED_SIZE, () => {
        for (inside = true; ; );
      }),
    )
    const { segment, created } = await untilGivenUp(() => other.getOrCreateAsync('cut', NAMED_SIZE))
    if (!created) problems.push('a segment was published whose init was cut')
    segment.detach()
    return { what: `the init of a name, ${inside ? 'inside' : 'before'}`, cut: true }
  }
}

/** Again, for as long as another member has the name. */
async function untilGivenUp<Result>(make: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + GIVEN_UP_WITHIN_MS
  for (;;) {
    try {
      return await make()
    } catch (error) {
      const waits = DsmError.isInstance(error) && error.code === 'DSM_LOCK_TIMEOUT'
      if (!waits || performance.now() > deadline) throw error
    }
  }
}
