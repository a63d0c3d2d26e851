/**
 * Breadth-first search of every state that a model can reach; the first violation found is a
 * shortest one. Not a proof by itself: a state is known by a 64-bit hash of its bytes (ten million
 * states collide with a probability of 3e-6), and the model is only as good as its reading of the
 * code. Ours and small, so that states stay a few dozen bytes and `npm test` can afford it.
 */
import { Growing, HashSet } from './hash-set.js'

/** `broken`: what the step itself did wrong, such as removing what is somebody else's. */
export type Emit = (label: string, broken: string | null) => void

export interface Model {
  /** Bytes of a state. */
  readonly width: number
  /** Successors are written here; the explorer copies. */
  readonly next: Uint8Array
  start(state: Uint8Array): void
  /** Writes each successor of `from` to `next` and emits it, always in the same order. */
  successors(from: Uint8Array, emit: Emit): void
  /** What is wrong in this state; null: nothing. */
  check(state: Uint8Array): string | null
  show(state: Uint8Array): string
}

export interface Result {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly complete: boolean
  readonly violation: string | null
  /** The shortest interleaving that ends in the violation, one step a line. */
  readonly trace: readonly string[]
}

export function explore(model: Model, limit = 60_000_000): Result {
  return new Explorer(model, limit).run()
}

class Explorer {
  readonly #model: Model
  readonly #limit: number
  readonly #seen = new HashSet()
  /** For each state: the one it was reached from, and as which of its successors. */
  readonly #parents = new Growing(size => new Uint32Array(size))
  readonly #ordinals = new Growing(size => new Uint8Array(size))
  #frontier = new Growing(size => new Uint8Array(size))
  #following = new Growing(size => new Uint8Array(size))
  #transitions = 0
  #violation: string | null = null
  #from = 0
  #ordinal = 0

  constructor(model: Model, limit: number) {
    this.#model = model
    this.#limit = limit
  }

  run(): Result {
    this.#model.start(this.#model.next)
    this.#emit('start', null)
    let depth = 0
    let first = 0
    for (;;) {
      const done = this.#frontier
      this.#frontier = this.#following
      this.#following = done
      done.clear()
      if (this.#frontier.length === 0 || this.#over()) break
      const count = this.#frontier.length / this.#model.width
      this.#expandLevel(first, count)
      first += count
      depth++
    }
    const complete = this.#violation === null && this.#frontier.length === 0
    return {
      states: this.#seen.size,
      transitions: this.#transitions,
      depth,
      complete,
      violation: this.#violation,
      trace: this.#violation === null ? [] : this.#replay(),
    }
  }

  #over(): boolean {
    return this.#violation !== null || this.#seen.size >= this.#limit
  }

  #expandLevel(first: number, count: number): void {
    const { width } = this.#model
    for (let index = 0; index < count && !this.#over(); index++) {
      this.#from = first + index
      this.#ordinal = 0
      const at = index * width
      this.#model.successors(this.#frontier.items.subarray(at, at + width), this.#emit)
    }
  }

  readonly #emit: Emit = (_label, broken) => {
    const state = this.#model.next
    const ordinal = this.#ordinal++
    this.#transitions++
    if (this.#violation !== null) return
    if (!this.#seen.add(state) && broken === null) return
    this.#following.append(state)
    this.#parents.push(this.#from)
    this.#ordinals.push(ordinal)
    this.#violation = broken ?? this.#model.check(state)
  }

  /** From the start again, along the ordinals that led to the last state. */
  #replay(): string[] {
    const path: number[] = []
    for (let id = this.#parents.length - 1; id > 0; id = this.#parents.items[id]!) {
      path.push(this.#ordinals.items[id]!)
    }
    const model = this.#model
    const state: Uint8Array = new Uint8Array(model.width)
    model.start(state)
    const lines: string[] = []
    for (const wanted of path.reverse()) {
      let ordinal = 0
      model.successors(state.slice(), label => {
        if (ordinal++ !== wanted) return
        state.set(model.next)
        lines.push(`${label.padEnd(44)} ${model.show(state)}`)
      })
    }
    return lines
  }
}
