/**
 * What the suite is given: a runner, a mechanism, and how to look behind it. No test runner is
 * imported; `ConformanceTest` is what vitest's `test` and `node:test` have in common.
 */
import { invalidType } from '../arguments.js'
import type { DsmImpl, DsmNamespace, DsmScope } from '../dsm-impl.js'

/**
 * `test` of vitest, of `node:test`, or anything of this shape that runs tests one after another.
 */
export interface ConformanceTest {
  (name: string, body: () => void | Promise<void>): unknown
  /** Not run; the name says why. */
  skip(name: string, body: () => void | Promise<void>): unknown
}

/** Everything that the suite has made so far: where leftovers are to be looked for. */
export interface ConformanceTrace {
  readonly scopes: readonly DsmScope[]
  /** OS names of all handles that the suite drew. */
  readonly osNames: readonly string[]
}

/** Puts something that is not ours under the name of a handle. Gives what takes it away again. */
export type PlantForeign = (space: DsmNamespace, handle: number, size: number) => () => void

/** For mechanisms that are not made by a call without arguments. */
export interface ConformanceSettings {
  /**
   * The export of `module` that gives the DsmImpl, or is one. A function is called with
   * `factoryOptions`. Default: the kind, so `posix` of a module that exports `posix()`.
   */
  readonly factory?: string
  /** Anything that survives JSON. Default: none, as names follow from the scope alone. */
  readonly factoryOptions?: unknown
  /** By what they are (`a file that others may write`): things that `attach` must refuse. */
  readonly foreign?: Readonly<Record<string, PlantForeign>>
}

/** What the suite is about, and how it looks behind it. */
export interface ConformanceOptions {
  readonly impl: DsmImpl
  /**
   * URL of a built ES module that plain Node can import: child processes get the mechanism from it.
   * Needed if, and only if, `impl.supports.crossProcess`.
   */
  readonly module?: string | URL
  /**
   * What is left in the operating system of the scopes named: OS names. The last test wants none.
   */
  readonly remaining?: (made: ConformanceTrace) => readonly string[] | Promise<readonly string[]>
  readonly options?: ConformanceSettings
}

const KEYS = ['impl', 'module', 'remaining', 'options']
const SETTINGS = ['factory', 'factoryOptions', 'foreign']

/** Throws where a mistake would make tests vanish: unknown options, or no module for children. */
export function checkOptions(options: ConformanceOptions): void {
  if (typeof options?.impl?.open !== 'function') {
    throw invalidType('impl', 'a DsmImpl', options?.impl)
  }
  const unknown = [
    ...Object.keys(options).filter(key => !KEYS.includes(key)),
    ...Object.keys(options.options ?? {}).filter(key => !SETTINGS.includes(key)),
  ]
  if (unknown.length > 0) {
    throw new TypeError(
      `conformance: unknown option ${unknown.join(', ')}; tests are skipped by impl.supports alone`,
    )
  }
  if (options.impl.supports.crossProcess && options.module === undefined) {
    throw new TypeError(
      'conformance: impl.supports.crossProcess, so "module" must be the URL of the built package',
    )
  }
}
