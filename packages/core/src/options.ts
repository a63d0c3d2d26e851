/**
 * The options of `openDsm`, checked before anything is touched.
 */
import {
  type ControlLogger,
  groupDirectory,
  MAIN_REGION_SIZE_MAX,
  MAIN_REGION_SIZE_MIN,
  MAX_MEMBERS_LIMIT,
  MAX_SEGMENTS_LIMIT,
  type OpenOptions,
  processLogger,
} from '@dsm/control'
import { DsmError, type DsmImpl, integerBetween, invalidType, optionsObject } from '@dsm/impl'
import { loadImpl } from './load-impl.js'

/** Where warnings go. Default: warnings and errors to `process.emitWarning`. */
export type DsmLogger = ControlLogger

/** How a group is to be joined, or made where there is none. */
export interface DsmOptions {
  /** [a-z0-9_-]{1,32}; the group. Exactly one of name, dir. */
  name?: string
  /** The group's directory, instead of the default place. */
  dir?: string
  /** Needed to make a group; a joiner may leave it out. `'posix'` loads `@dsm/impl-posix`. */
  impl?: DsmImpl | string
  /** Default 64; 1 to 1,023. The group's, fixed by its maker. */
  maxMembers?: number
  /** Default 64 + 5 × maxMembers, as PostgreSQL; 1 to 65,535. The group's. */
  maxSegments?: number
  /** Bytes of the main region, from which segments are carved without a system call. Default 0:
   * none. Rounded up to whole pages of 4,096. The group's. */
  mainRegionSize?: number
  /** Pinned segments outlive the last member. The group's. */
  persist?: boolean
  /** Refuse, with DSM_IN_USE, if anybody is attached now. Later joiners are welcome. */
  exclusive?: boolean
  /** How long locks are waited for. Default 5,000. */
  lockTimeoutMs?: number
  logger?: DsmLogger
}

const DEFAULT_LOCK_TIMEOUT_MS = 5_000
const LOCK_TIMEOUT_MS_MAX = 2 ** 31 - 1
const PAGE_BYTES = 4_096
/** The version of the `DsmImpl` contract that this release speaks. */
const CONTRACT = 1

/**
 * @throws TypeError, RangeError for what cannot be; DSM_IMPL_MISSING, DSM_IMPL_MISMATCH for a
 *   mechanism that is not installed or was written for another contract.
 */
export function checkOptions(options: DsmOptions): OpenOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object with a "name" or a "dir"', options)
  }
  const { maxMembers, maxSegments, persist, exclusive, logger } = options
  const lockTimeoutMs = options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS
  if (maxMembers !== undefined) integerBetween('maxMembers', maxMembers, 1, MAX_MEMBERS_LIMIT)
  if (maxSegments !== undefined) integerBetween('maxSegments', maxSegments, 1, MAX_SEGMENTS_LIMIT)
  integerBetween('lockTimeoutMs', lockTimeoutMs, 0, LOCK_TIMEOUT_MS_MAX)
  const mainRegionSize = checkRegionSize(options.mainRegionSize)
  checkBoolean('persist', persist)
  checkBoolean('exclusive', exclusive)
  checkLogger(logger)
  const directory = groupDirectory(options)
  return {
    directory,
    impl: chooseImpl(options.impl),
    loadImpl,
    maxMembers,
    maxSegments,
    persist,
    mainRegionSize,
    exclusive: exclusive ?? false,
    lockTimeoutMs,
    logger: logger ?? processLogger,
  }
}

function checkRegionSize(size: unknown): number | undefined {
  if (size === undefined || size === 0) return undefined
  integerBetween('mainRegionSize', size, MAIN_REGION_SIZE_MIN, MAIN_REGION_SIZE_MAX)
  return Math.ceil(size / PAGE_BYTES) * PAGE_BYTES
}

function chooseImpl(impl: DsmImpl | string | undefined): DsmImpl | null {
  if (impl === undefined) return null
  if (typeof impl === 'string') return loadImpl(impl)
  if (typeof impl !== 'object' || impl === null || typeof impl.open !== 'function') {
    throw invalidType('impl', 'a DsmImpl or the name of one', impl)
  }
  if (impl.contract === CONTRACT) return impl
  throw new DsmError(
    'DSM_IMPL_MISMATCH',
    `"${impl.kind}" speaks version ${String(impl.contract)} of the DsmImpl contract and this ` +
      `release speaks version ${CONTRACT}; install releases that belong together`,
    { op: 'open' },
  )
}

function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw invalidType(name, 'a boolean', value)
}

function checkLogger(logger: unknown): void {
  optionsObject('logger', logger)
  if (logger === undefined) return
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const method = (logger as Record<string, unknown>)[level]
    if (typeof method !== 'function') throw invalidType(`logger.${level}`, 'a function', method)
  }
}
