/**
 * Work that may have to wait, written once and run in two ways: as a generator that yields the
 * milliseconds it would like to sleep. `openDsm` sleeps on the spot, `openDsmAsync` between turns
 * of the event loop. Nothing else waits like this; the control lock has its own wait.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { abortError } from '@dsm/impl'

/** Yields the milliseconds that it would like to sleep; returns its result. */
export type Steps<T> = Generator<number, T, undefined>

const bed = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread. */
export function sleep(milliseconds: number): void {
  Atomics.wait(bed, 0, 0, milliseconds)
}

/** Sleeps on the spot. */
export function runSync<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    sleep(step.value)
  }
}

/** Rejects with AbortError when the signal fires between two steps; `finally` blocks run first. */
export async function runAsync<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const step = signal?.aborted ? steps.throw(abortError(signal)) : steps.next()
    if (step.done) return step.value
    await delay(step.value, undefined, signal ? { signal } : {}).catch(() => {})
  }
}
