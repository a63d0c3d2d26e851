/**
 * Failures on order: a test says which call of which operation fails, is refused, or is watched.
 * Nothing here knows objects or names; `local.ts` and `mapping.ts` ask at every step.
 * Calls are counted per operation from the last `reset`, over all namespaces that share the object.
 */
import { constants } from 'node:os'
import { type DsmVerb, fromNativeFailure, type NativeFailure } from '@dsm/impl'

/**
 * `create`, `createAsync`, `attach` are asked on entry, `map` when the object is there and is about
 * to be mapped, `allocate` in the later half of `createAsync`, `buffer` at its first use.
 */
export type LocalOperation =
  | 'open'
  | 'create'
  | 'createAsync'
  | 'allocate'
  | 'attach'
  | 'map'
  | 'destroy'
  | 'enumerate'
  | 'pin'
  | 'unpin'
  | 'close'
  | 'buffer'
  | 'part'
  | 'detach'

/** What happens at the chosen call. */
export type LocalFault =
  /** As a failed system call: nothing is left behind. */
  | { readonly errno: string; readonly verb?: DsmVerb; readonly foreign?: string }
  /** The name is taken: `create` and `createAsync` give null. */
  | 'taken'
  /** What bears the name is not ours: `destroy` gives false. */
  | 'foreign'
  /** Runs before the operation; what it throws passes unchanged and the operation is not done. */
  | { readonly before: (call: LocalCall) => void }
  /** Runs after the operation took effect, and throws what a process killed there would lose. */
  | { readonly after: (call: LocalCall) => void }

export interface LocalCall {
  readonly operation: LocalOperation
  /** Counts from 1, per operation. */
  readonly count: number
  readonly osName: string
  /** Bytes, where the operation has a size. */
  readonly size?: number | undefined
}

const VERBS: Readonly<Record<LocalOperation, DsmVerb>> = {
  open: 'open',
  create: 'create',
  createAsync: 'create',
  allocate: 'resize',
  attach: 'open',
  map: 'map',
  destroy: 'remove',
  enumerate: 'open',
  pin: 'open',
  unpin: 'close',
  close: 'close',
  buffer: 'map',
  part: 'map',
  detach: 'unmap',
}

export class LocalFaults {
  /** Every call since the last `reset`, in order; refused and failed ones too. */
  readonly log: LocalCall[] = []
  readonly #counts = new Map<LocalOperation, number>()
  readonly #planned = new Map<string, LocalFault>()

  /** The `nth` call of `operation` from now on (1: the next one) gets `fault`, once. */
  at(operation: LocalOperation, nth: number, fault: LocalFault): this {
    this.#planned.set(`${operation} ${(this.#counts.get(operation) ?? 0) + nth}`, fault)
    return this
  }

  /** Calls of one operation since the last `reset`. */
  count(operation: LocalOperation): number {
    return this.#counts.get(operation) ?? 0
  }

  /** Planned faults that no call has met yet, as `operation count`. */
  pending(): string[] {
    return [...this.#planned.keys()]
  }

  /** Forgets plans, counts and log. */
  reset(): void {
    this.log.length = 0
    this.#counts.clear()
    this.#planned.clear()
  }

  /** Does `work`, or what was planned instead. For the implementation. */
  run<T>(operation: LocalOperation, about: About, work: () => T, refused?: Refusals<T>): T {
    const call: LocalCall = { operation, count: this.count(operation) + 1, ...about }
    this.#counts.set(operation, call.count)
    this.log.push(call)
    const key = `${operation} ${call.count}`
    const fault = this.#planned.get(key)
    this.#planned.delete(key)
    if (fault === undefined) return work()
    if (typeof fault === 'string') return refusal(operation, fault, refused)
    if ('errno' in fault) throw nativeFailure(operation, fault)
    if ('before' in fault) fault.before(call)
    const result = work()
    if ('after' in fault) fault.after(call)
    return result
  }
}

interface About {
  readonly osName: string
  readonly size?: number | undefined
}

/** What an operation gives when it is told that its name is `taken` or its object `foreign`. */
export interface Refusals<T> {
  readonly taken?: () => T
  readonly foreign?: () => T
}

function refusal<T>(operation: string, fault: 'taken' | 'foreign', refused?: Refusals<T>): T {
  const give = refused?.[fault]
  if (!give) throw new Error(`the fault '${fault}' means nothing to ${operation}`)
  return give()
}

/** Native failures of `work` as DsmErrors, where `defineImpl` does not come by. */
export function translated<T>(osName: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw fromNativeFailure(error, osName)
  }
}

/** An error as an addon throws it. */
export function nativeFailure(
  operation: LocalOperation,
  what: { readonly errno: string; readonly verb?: DsmVerb; readonly foreign?: string },
): Error & NativeFailure {
  const errno = what.errno === '' ? 0 : (constants.errno as Record<string, number>)[what.errno]
  if (errno === undefined) throw new Error(`this system has no errno ${what.errno}`)
  return Object.assign(new Error(`local ${operation}: ${what.foreign ?? what.errno}`), {
    verb: what.verb ?? VERBS[operation],
    syscall: `local_${operation}`,
    errno,
    ...(what.foreign === undefined ? {} : { foreign: what.foreign }),
  })
}
