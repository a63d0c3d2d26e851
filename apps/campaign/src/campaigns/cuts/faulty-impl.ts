/**
 * A mechanism that fails on order: the n-th call from now that makes, maps or removes an object
 * throws instead. Everything else is the real mechanism's. What the system itself can do badly is
 * the campaign `faults`'; this one fails at will, with any kind of error.
 */
import { DsmError, type DsmImpl } from '@dsm/core'
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import type { Backend } from '../../campaign.js'

const MAKE = { posix, sysv, mmap }
const FAILING = ['create', 'createAsync', 'attach', 'destroy']

export class Faults {
  /** The n-th call from now fails; 0: none. */
  #in = 0
  #failed = false

  arm(call: number): void {
    this.#in = call
    this.#failed = false
  }

  /** Returns whether a call failed. */
  disarm(): boolean {
    this.#in = 0
    return this.#failed
  }

  strike(call: string): void {
    if (this.#in === 0 || --this.#in > 0) return
    this.#failed = true
    throw new DsmError('DSM_NO_MEMORY', `${call} fails on order`, { op: 'map' })
  }
}

type Namespace = ReturnType<DsmImpl['open']>

export function faultyImpl(backend: Backend, faults: Faults): DsmImpl {
  const real = MAKE[backend]()
  return { ...real, open: scope => failing(real.open(scope), faults) }
}

function failing(namespace: Namespace, faults: Faults): Namespace {
  return new Proxy(namespace, {
    get(target, property) {
      const value = Reflect.get(target, property, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        if (FAILING.includes(String(property))) faults.strike(String(property))
        return Reflect.apply(value, target, args) as unknown
      }
    },
  })
}
