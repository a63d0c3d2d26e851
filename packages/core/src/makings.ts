/**
 * The names that one member is making segments for.
 *
 * A synchronous making begins and ends within one turn of the event loop, and that proves a cut (a
 * `vm` timeout in the user's `init`, say, after which no `finally` runs): one that a timer of ours
 * finds unfinished was cut, and so was one begun inside another that now ends. It is given up, as
 * if `init` had thrown. An asynchronous one may take as long as it likes, and proves nothing.
 */
import type { NameKey } from '@dsm/control'
import type { Segment } from './segment.js'

export interface Making {
  readonly key: NameKey
  /** null until it is made. */
  segment: Segment | null
  /** It failed, and nothing is left of it. */
  givenUp: boolean
}

export class Makings {
  /** Outermost first. */
  readonly #synchronous: Making[] = []
  readonly #asynchronous = new Set<Making>()
  readonly #giveUp: (making: Making) => boolean

  /** @param giveUp may be called again for the same making; false: it is to be, later */
  constructor(giveUp: (making: Making) => boolean) {
    this.#giveUp = giveUp
  }

  /**
   * Runs `work`, which gives up what fails. Where it threw and did not say so, perhaps for want of
   * stack, `settle` looks again.
   */
  during<Result>(key: NameKey, work: (making: Making) => Result): Result {
    const making = newMaking(key)
    this.#synchronous.push(making)
    try {
      const result = work(making)
      this.#end(making)
      return result
    } catch (error) {
      if (making.givenUp) this.#end(making)
      throw error
    }
  }

  /** As `during`, but that `settle` never takes it for cut. */
  async duringAsync<Result>(
    key: NameKey,
    work: (making: Making) => Promise<Result>,
  ): Promise<Result> {
    const making = newMaking(key)
    this.#asynchronous.add(making)
    try {
      return await work(making)
    } finally {
      this.#asynchronous.delete(making)
    }
  }

  /** From the event loop only: gives up all that is still there. */
  settle(): void {
    this.#settleFrom(0)
  }

  #end(making: Making): void {
    const at = this.#synchronous.lastIndexOf(making)
    this.#settleFrom(at + 1)
    this.#synchronous.splice(at, 1)
  }

  /** Outermost first: of several of one name, it is the one that may have claimed it. */
  #settleFrom(first: number): void {
    for (let at = first; at < this.#synchronous.length; ) {
      if (this.#isSettled(this.#synchronous[at]!)) this.#synchronous.splice(at, 1)
      else at++
    }
  }

  /** While there is an asynchronous one of that name, the claim may be that one's. */
  #isSettled(making: Making): boolean {
    const { name } = making.key
    for (const { key } of this.#asynchronous) if (key.name === name) return false
    return this.#giveUp(making)
  }
}

const newMaking = (key: NameKey): Making => ({ key, segment: null, givenUp: false })
