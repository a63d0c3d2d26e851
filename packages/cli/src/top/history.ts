/** What `top` remembers between two looks: the counters of each life, and how busy it has been. */
import type { LifeContent } from '@dsm/control'
import type { Found } from '../groups.js'

export type Counters = LifeContent['counters']

interface Entry {
  readonly counters: Counters
  readonly at: number
  /** Operations in a second, oldest first. */
  readonly activity: readonly number[]
  /** In a second; null: seen only once. */
  readonly rates: Counters | null
}

const REMEMBERED = 120

export class History {
  #entries = new Map<string, Entry>()

  /** @param at Unix milliseconds */
  add(found: readonly Found[], at: number): void {
    const next = new Map<string, Entry>()
    for (const { survey } of found) {
      for (const { record, content } of survey?.lives ?? []) {
        if (content === null) continue
        next.set(record.nonce, step(this.#entries.get(record.nonce), content.counters, at))
      }
    }
    this.#entries = next
  }

  rates(nonce: string): Counters | null {
    return this.#entries.get(nonce)?.rates ?? null
  }

  activity(nonce: string): readonly number[] {
    return this.#entries.get(nonce)?.activity ?? []
  }
}

function step(before: Entry | undefined, counters: Counters, at: number): Entry {
  if (before === undefined) return { counters, at, activity: [], rates: null }
  const seconds = Math.max(0.001, (at - before.at) / 1000)
  const rates = Object.fromEntries(
    Object.entries(counters).map(([name, value]) => {
      const difference = value - before.counters[name as keyof Counters]
      return [name, Math.max(0, difference / seconds)]
    }),
  ) as unknown as Counters
  const operations = rates.created + rates.attached + rates.detached + rates.destroyed
  const activity = [...before.activity, operations].slice(-REMEMBERED)
  return { counters, at, activity, rates }
}
