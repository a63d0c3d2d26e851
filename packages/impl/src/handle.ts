/**
 * Handles: 32-bit unsigned numbers that name segments. 0 names nothing, an even one an
 * operating-system object, an odd one pages of the main region (seed: dsm_create,
 * make_main_region_dsm_handle, is_main_region_dsm_handle).
 * Which handles are taken is not known here: `@dsm/control` draws and records them.
 */
import { integerBetween } from './arguments.js'

declare const brand: unique symbol
/** uint32. Safe to send to another process by any means. */
export type DsmHandle = number & { readonly [brand]: 'DsmHandle' }

/** Names nothing. */
export const INVALID_HANDLE = 0
/** The largest handle: all 32 bits. */
export const HANDLE_MAX = 0xffff_ffff

/** True for the handle of a segment carved from the main region. */
export const isMainRegionHandle = (handle: number): boolean => (handle & 1) === 1

/**
 * Checks a handle that a caller passed in.
 * @throws TypeError ERR_INVALID_ARG_TYPE if not a number; RangeError ERR_OUT_OF_RANGE if 0 or not a
 *   uint32.
 */
export function checkHandle(handle: unknown): asserts handle is DsmHandle {
  integerBetween('handle', handle, 1, HANDLE_MAX)
}

/**
 * Checks the handle of an operating-system object: even besides.
 * @throws as checkHandle; RangeError for an odd handle, which never has an object of its own.
 */
export function checkObjectHandle(handle: unknown): asserts handle is DsmHandle {
  checkHandle(handle)
  if (isMainRegionHandle(handle)) {
    throw Object.assign(
      new RangeError(
        `handle ${handle} is odd: it names pages of a main region, not an object of its own`,
      ),
      { code: 'ERR_OUT_OF_RANGE' },
    )
  }
}

/** A random even handle in [2, 2^32 - 2], from 31 random bits. */
export function handleFromRandomBits(bits: number): DsmHandle {
  const handle = ((bits & 0x7fff_ffff) << 1) >>> 0
  return (handle === 0 ? 2 : handle) as DsmHandle
}
