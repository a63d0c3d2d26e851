/**
 * Wraps a mechanism that trusts its arguments into a `DsmImpl` that checks them: arguments once,
 * before anything is touched; system errors into DsmError; the namespace's end.
 * What a mechanism must do is said in `dsm-impl.ts`; nothing is added to that here.
 */
import { integerBetween, invalidType, optionsObject, stringMatching } from './arguments.js'
import type {
  DsmEvidence,
  DsmImpl,
  DsmImplKind,
  DsmMapping,
  DsmNamespace,
  DsmScope,
  DsmSupports,
} from './dsm-impl.js'
import { DsmError } from './errors.js'
import { checkObjectHandle } from './handle.js'
import { fromNativeFailure } from './system-error.js'

/** A namespace as a mechanism writes it: arguments are valid, native failures may pass. */
export type RawNamespace = Omit<DsmNamespace, 'impl' | 'scope'>

/** A mechanism as its package writes it: see `DsmImpl` for what each means. */
export interface RawImpl {
  readonly kind: DsmImplKind
  readonly options: Readonly<Record<string, string>>
  readonly supports: DsmSupports
  readonly sizeMax: number
  /** Binds to names; creates nothing. */
  open(scope: DsmScope): RawNamespace
}

/** Freezes and wraps. The result of `open` has the optional methods that the raw one has. */
export function defineImpl(raw: RawImpl): DsmImpl {
  const impl: DsmImpl = Object.freeze({
    kind: raw.kind,
    contract: 1,
    options: Object.freeze({ ...raw.options }),
    supports: Object.freeze({ ...raw.supports }),
    sizeMax: raw.sizeMax,
    open(scope: DsmScope) {
      checkScope(scope)
      try {
        return new CheckedNamespace(impl, scope, raw.open(scope))
      } catch (error) {
        throw fromNativeFailure(error, scope.nonce)
      }
    },
  } as const)
  return impl
}

class CheckedNamespace implements DsmNamespace {
  readonly impl: DsmImpl
  readonly scope: DsmScope
  readonly #raw: RawNamespace
  #open = true
  declare enumerate?: () => number[]
  declare sameName?: (handle: number, other: number) => boolean
  declare pin?: (handle: number) => bigint
  declare unpin?: (handle: number, token: bigint) => void

  constructor(impl: DsmImpl, scope: DsmScope, raw: RawNamespace) {
    this.impl = impl
    this.scope = scope
    this.#raw = raw
    if (raw.enumerate) this.enumerate = () => this.#list()
    if (raw.sameName) {
      this.sameName = (handle, other) => {
        checkObjectHandle(other)
        return this.#named(handle, () => raw.sameName!(handle, other))
      }
    }
    if (raw.pin) this.pin = handle => this.#named(handle, () => raw.pin!(handle))
    if (raw.unpin)
      this.unpin = (handle, token) => this.#named(handle, () => raw.unpin!(handle, token))
  }

  osName(handle: number): string {
    checkObjectHandle(handle)
    return this.#raw.osName(handle)
  }

  create(handle: number, size: number): DsmMapping | null {
    this.#checkSize(size)
    return this.#named(handle, () => this.#raw.create(handle, size))
  }

  async createAsync(
    handle: number,
    size: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<DsmMapping | null> {
    this.#checkSize(size)
    optionsObject('options', options)
    const signal = options?.signal
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw invalidType('options.signal', 'an AbortSignal', signal)
    }
    if (signal?.aborted) throw abortError(signal)
    const made = this.#named(handle, () => this.#raw.createAsync(handle, size, { signal }))
    try {
      return await made
    } catch (error) {
      if (signal?.aborted) throw abortError(signal)
      throw fromNativeFailure(error, this.#raw.osName(handle))
    }
  }

  attach(handle: number, size: number): DsmMapping {
    this.#checkSize(size)
    return this.#named(handle, () => this.#raw.attach(handle, size))
  }

  destroy(handle: number, evidence?: DsmEvidence): boolean {
    return this.#named(handle, () => this.#raw.destroy(handle, evidence))
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#raw.close()
  }

  #list(): number[] {
    this.#assertOpen('enumerate')
    try {
      return this.#raw.enumerate!()
    } catch (error) {
      throw fromNativeFailure(error, this.scope.nonce)
    }
  }

  #named<T>(handle: number, work: () => T): T {
    checkObjectHandle(handle)
    this.#assertOpen('use')
    try {
      return work()
    } catch (error) {
      throw fromNativeFailure(error, this.#raw.osName(handle))
    }
  }

  #assertOpen(op: string): void {
    if (this.#open) return
    throw new DsmError('DSM_CLOSED', 'this namespace is closed; open another from its DsmImpl', {
      op,
    })
  }

  #checkSize(size: number): void {
    integerBetween('size', size, 1, this.impl.sizeMax)
  }
}

/** As Node's own APIs: name AbortError, code ABORT_ERR, the signal's reason as cause. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

/** 13 × [a-z2-7]. */
export const NONCE_PATTERN = /^[a-z2-7]{13}$/

function checkScope(scope: DsmScope): void {
  if (typeof scope !== 'object' || scope === null) throw invalidType('scope', 'an object', scope)
  stringMatching('scope.dir', scope.dir, /^\/[^\0]*$/, 'an absolute path')
  stringMatching('scope.nonce', scope.nonce, NONCE_PATTERN, '13 characters of a-z and 2-7')
  if (typeof scope.options !== 'object' || scope.options === null) {
    throw invalidType('scope.options', 'an object of strings', scope.options)
  }
  for (const [key, value] of Object.entries(scope.options)) {
    if (typeof value !== 'string') throw invalidType(`scope.options.${key}`, 'a string', value)
  }
}
