/** Options of owners and releases, and their checks. No behaviour. */
import { invalidType } from './arguments.js'
import type { ResourceOwnerLogger } from './leak-warning.js'
import type { ReleasePhase } from './resource-kind.js'
import { assertPhase } from './resource-kind.js'

/** What an owner takes from its maker. */
export interface ResourceOwnerOptions {
  /** Where leaks are reported. Default: the parent's, else `process.emitWarning`. */
  readonly logger?: ResourceOwnerLogger
}

/** How the work ended. */
export interface Ending {
  /** The work went well: what is still held is a leak, and reported. */
  readonly commit: boolean
  /** The whole of the work ends; a part of it that commits gives its locks to the parent. */
  readonly topLevel: boolean
}

/** One phase of a release. */
export interface ReleaseOptions extends Ending {
  readonly phase: ReleasePhase
}

/** @throws TypeError, RangeError unless all three are given and right. */
export function assertReleaseOptions(options: ReleaseOptions): void {
  assertFlag(options, 'commit')
  assertFlag(options, 'topLevel')
  assertPhase('options.phase', options.phase)
}

/** @throws TypeError unless `options[name]` is a boolean. */
export function assertFlag(options: unknown, name: string): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object', options)
  }
  const value = (options as Record<string, unknown>)[name]
  if (typeof value !== 'boolean') throw invalidType(`options.${name}`, 'a boolean', value)
}

/** @throws TypeError unless there is no logger, or one that can warn. */
export function assertLogger(logger: unknown): void {
  if (logger === undefined || typeof (logger as ResourceOwnerLogger)?.warn === 'function') return
  throw invalidType('options.logger', 'an object with a method warn', logger)
}
