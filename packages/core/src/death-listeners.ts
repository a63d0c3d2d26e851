/**
 * Those who want to know of deaths in the group, and telling them. One that throws is an uncaught
 * exception, as any timer's would be; the others are told all the same.
 */
import type { MemberDeath } from '@dsm/control'
import { invalidType } from '@dsm/impl'

export type DeathListener = (death: MemberDeath) => void

export class DeathListeners {
  readonly #look: () => MemberDeath[]
  #listeners: readonly { readonly call: DeathListener }[] = []

  constructor(look: () => MemberDeath[]) {
    this.#look = look
  }

  /** The same listener can be added again. */
  add(listener: DeathListener): Disposable {
    if (typeof listener !== 'function') throw invalidType('listener', 'a function', listener)
    const entry = { call: listener }
    this.#listeners = [...this.#listeners, entry]
    return {
      [Symbol.dispose]: () => {
        this.#listeners = this.#listeners.filter(other => other !== entry)
      },
    }
  }

  /** From the event loop. Who is added or taken off meanwhile counts from the next time on. */
  tell(): void {
    const listeners = this.#listeners
    for (const death of this.#look()) {
      for (const { call } of listeners) {
        try {
          call(death)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    }
  }
}
