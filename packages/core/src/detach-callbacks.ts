/**
 * What is to run before a segment is unmapped: newest first, each once. A callback is taken off
 * before it runs, so that one that throws is not run again: its error passes through, and the next
 * detach goes on with the rest.
 * Seed: on_dsm_detach, cancel_on_dsm_detach, reset_on_dsm_detach and the loop of dsm_detach.
 */

interface Entry<S> {
  readonly callback: (segment: S, arg: never) => void
  readonly arg: unknown
}

export class DetachCallbacks<S> {
  #stack: Entry<S>[] = []

  /** Disposing of it takes the callback off, if it has not run. */
  push<T>(callback: (segment: S, arg: T) => void, arg: T): Disposable {
    const entry: Entry<S> = { callback, arg }
    this.#stack.push(entry)
    return {
      [Symbol.dispose]: () => {
        const at = this.#stack.indexOf(entry)
        if (at >= 0) this.#stack.splice(at, 1)
      },
    }
  }

  /** Takes the newest equal pair off; nothing if there is none. */
  cancel<T>(callback: (segment: S, arg: T) => void, arg: T): void {
    const at = this.#stack.findLastIndex(
      entry => entry.callback === callback && Object.is(entry.arg, arg),
    )
    if (at >= 0) this.#stack.splice(at, 1)
  }

  /** Drops them all, unrun. */
  clear(): void {
    this.#stack = []
  }

  /** Runs them; those registered meanwhile too. Lets the first error through. */
  run(segment: S): void {
    for (let entry = this.#stack.pop(); entry !== undefined; entry = this.#stack.pop()) {
      entry.callback(segment, entry.arg as never)
    }
  }
}
