/**
 * The lock word's own code (src/lock-word.ts) run by several members in one thread: between any two
 * atomic operations of one, others run theirs; sleeping, waking, time and death are pretended, and
 * a tape of numbers decides everything, so a failure repeats.
 *
 * A monitor sees every store and accepts exactly the transitions of the protocol. What it cannot
 * express: members that overtake one another in the middle (inner calls end before outer ones go
 * on); that is what the tests with processes are for.
 */
import { corruptWord, lockTimeout } from '../src/lock-error.js'
import type * as LockWord from '../src/lock-word.js'
import { memoryOracle } from '../src/testing.js'
import * as token from '../src/token.js'
import type { compile } from './from-source.js'

export const MEMBERS = 4
const WAITERS = -0x8000_0000
const TIMED_OUT = 2
const DEPTH_MAX = 12

/** Thrown through the code of a member that was killed or cut: it never runs on. */
class Gone extends Error {}

interface Member {
  token: number
  holds: boolean
  busy: boolean
  gone: boolean
  /** Woken, and not yet done with taking: it will wake the next. */
  awake: boolean
}

interface Sleeper {
  readonly member: Member
  woken: boolean
}

export class Violation extends Error {}

export class Simulation {
  readonly #words = new Int32Array(1)
  readonly #living = new Set<number>()
  readonly #members: Member[]
  readonly #sleepers: Sleeper[] = []
  readonly #code: typeof LockWord
  readonly #tape: readonly number[]
  #at = 0
  #now = 0
  /** One who may have been woken is gone: for that every sleep is short. Until none sleeps. */
  #excused = false
  #releasing = 0
  #depth = 0
  #running: Member | null = null
  outcomes = { taken: 0, recovered: 0, timeouts: 0, slept: 0 }

  constructor(tape: readonly number[], code: ReturnType<typeof compile>) {
    this.#tape = tape
    this.#members = Array.from({ length: MEMBERS }, (_, member) => {
      const first = token.tokenOf(member, 1)
      this.#living.add(first)
      return { token: first, holds: false, busy: false, gone: false, awake: false }
    })
    const futex = { park: this.#park, wake: this.#wake }
    const errors = { corruptWord, lockTimeout }
    const imports = { futex, 'lock-error': errors, native: { TIMED_OUT }, token }
    const performance = { now: () => this.#now }
    this.#code = code<typeof LockWord>(imports, { Atomics: this.#atomics(), performance })
  }

  run(): void {
    while (this.#at < this.#tape.length) this.#step()
    for (const member of this.#members) {
      if (member.holds && !member.gone) this.#as(member, () => this.#release(member))
    }
    if (this.#ownerAlive()) throw new Violation('everybody has released, and somebody owns')
  }

  #draw(sides: number): number {
    const value = this.#tape[this.#at++]
    return value === undefined ? 0 : value % sides
  }

  /** Some member that is doing nothing does something. */
  #step(): void {
    const member = this.#members[this.#draw(MEMBERS)]!
    const what = this.#draw(10)
    if (member.gone) this.#reborn(member)
    else if (what === 9) this.#kill(member)
    else if (member.busy) return
    else if (!member.holds) this.#as(member, () => this.#take(member))
    else if (what === 8) this.#as(member, () => this.#cut(member))
    else this.#as(member, () => this.#release(member))
  }

  #as(member: Member, work: () => void): void {
    const outer = this.#running
    this.#running = member
    member.busy = true
    this.#depth++
    const { token: identity } = member
    try {
      work()
    } catch (error) {
      if (!(error instanceof Gone)) throw error
    } finally {
      this.#depth--
      this.#running = outer
      if (member.token === identity) {
        member.busy = false
        member.awake = false
      }
    }
  }

  #take(member: Member): void {
    const { token: own } = member
    const oracle = memoryOracle(own, this.#living)
    const before = this.#words[0]! & ~WAITERS
    let outcome: LockWord.LockOutcome
    try {
      outcome = this.#code.tryTake(this.#words, 0, own)
        ? 'taken'
        : this.#code.takeContended(this.#words, 0, oracle, 1 + this.#draw(4))
    } catch (error) {
      if ((error as { code?: string }).code !== 'DSM_LOCK_TIMEOUT') throw error
      this.outcomes.timeouts++
      this.#excused = true
      const owner = this.#words[0]! & ~WAITERS
      if (owner !== 0 && !this.#living.has(owner)) throw new Violation('gave up on a dead owner')
      return
    }
    if ((this.#words[0]! & ~WAITERS) !== own) throw new Violation(`${outcome}, but not the owner`)
    if (outcome === 'own') throw new Violation(`own, but it was 0x${before.toString(16)}`)
    if ((outcome === 'recovered') !== this.#recovers) throw new Violation(`${outcome}: a lie`)
    this.outcomes[outcome]++
    member.holds = true
  }

  #release(member: Member): void {
    member.holds = false
    this.#releasing++
    try {
      this.#code.release(this.#words, 0, member.token)
    } finally {
      this.#releasing--
    }
    if (this.#excused || this.#releasing > 0) return
    // Whoever still sleeps must have somebody to wake him: the owner by the bit, or a woken one.
    const asleep = this.#sleepers.filter(each => !each.woken && !each.member.gone)
    const awaited =
      this.#sleepers.some(each => each.woken && !each.member.gone) ||
      this.#members.some(each => each.awake)
    if (asleep.length > 0 && !awaited && this.#words[0]! >= 0) throw new Violation('lost wake-up')
  }

  #cut(member: Member): void {
    member.holds = false
    if (!this.#code.abandon(this.#words, 0, member.token)) throw new Violation('nothing to abandon')
  }

  #kill(member: Member): void {
    if (this.#living.size === 1) return
    member.gone = true
    member.holds = false
    this.#living.delete(member.token)
    this.#excused = true
  }

  /** The next generation joins in the place of a dead one. */
  #reborn(member: Member): void {
    if (member.busy) return // the dead one's calls are still on the stack
    member.token = token.tokenOf(token.memberOf(member.token), token.generationOf(member.token) + 2)
    member.gone = false
    this.#living.add(member.token)
  }

  /** Between two operations of the running member: others may run, and it may have been killed. */
  #yield(): void {
    const running = this.#running
    if (this.#depth < DEPTH_MAX) {
      while (this.#at < this.#tape.length && this.#draw(3) === 0) this.#step()
    }
    if (running?.gone) throw new Gone()
  }

  #atomics(): typeof Atomics {
    const writers = ['compareExchange', 'exchange', 'store'] as const
    const table: Record<string, unknown> = {
      load: (words: Int32Array, index: number) => {
        this.#yield()
        return words[index]
      },
    }
    for (const name of writers) {
      table[name] = (words: Int32Array, index: number, ...values: [number, number]) => {
        this.#yield()
        const before = words[index]!
        const result = (Atomics[name] as (...all: unknown[]) => number)(words, index, ...values)
        if (words[index] !== before) this.#check(before, words[index]!)
        this.#yield()
        return result
      }
    }
    return table as unknown as typeof Atomics
  }

  /** Was the last change of owner a takeover? */
  #recovers = false

  #check(before: number, after: number): void {
    const [from, to] = [before & ~WAITERS, after & ~WAITERS]
    const { token: own } = this.#running!
    if (from === to && before >= 0 && after < 0) return // a waiter marks
    if (from === own && to === 0) return // release
    if (from === own && to === token.predecessorOf(own)) return // left after a cut
    if (to === own && (from === 0 || !this.#living.has(from))) {
      this.#recovers = from !== 0
      return
    }
    const hex = (value: number) => (value >>> 0).toString(16)
    throw new Violation(`member ${hex(own)} stored ${hex(after)} over ${hex(before)}`)
  }

  #ownerAlive(): boolean {
    return this.#living.has(this.#words[0]! & ~WAITERS)
  }

  readonly #park = (words: Int32Array, index: number, expected: number, ms: number): number => {
    this.#yield()
    if (words[index] !== expected) return 1
    const sleeper: Sleeper = { member: this.#running!, woken: false }
    this.#sleepers.push(sleeper)
    this.outcomes.slept++
    try {
      if (this.#depth < DEPTH_MAX) {
        for (let steps = this.#draw(6); steps > 0 && !sleeper.woken; steps--) this.#step()
      }
      if (sleeper.member.gone) throw new Gone()
    } finally {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
      if (this.#sleepers.length === 0) this.#excused = false
    }
    if (sleeper.woken) {
      sleeper.member.awake = true
      return 0
    }
    this.#now += ms
    return TIMED_OUT
  }

  readonly #wake = (_words: Int32Array, _index: number, count: number): number => {
    const asleep = this.#sleepers.filter(each => !each.woken && !each.member.gone)
    const chosen = asleep.slice(-count) // the innermost: it alone can act now
    for (const sleeper of chosen) sleeper.woken = true
    return chosen.length
  }
}
