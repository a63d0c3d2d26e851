/**
 * Which owner is current: a value that follows asynchronous calls. Knows nothing else of owners.
 * Until somebody calls `run` for the first time it is one variable, because asking
 * AsyncLocalStorage costs more than everything else an owner does.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

let storage: AsyncLocalStorage<object> | null = null

/** The value of the innermost `runWith` that this call belongs to, or null. */
export function currentValue(): object | null {
  return storage === null ? null : (storage.getStore() ?? null)
}

/** Calls `fn` with that value as current, in `fn` and in all asynchronous work it starts. */
export function runWith<T>(value: object, fn: () => T): T {
  storage ??= new AsyncLocalStorage()
  return storage.run(value, fn)
}
