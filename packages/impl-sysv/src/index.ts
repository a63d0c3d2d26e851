/**
 * @dsm/impl-sysv: System V shared memory (seed: dsm_impl_sysv). Keys and limits are here; the
 * system calls are in native/sysv.cc and the headers of @dsm/native.
 */
import { constants } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DsmImpl,
  defineImpl,
  fromNativeFailure,
  integerBetween,
  type NativeAddon,
  nativeNamespace,
} from '@dsm/impl'
import { load } from '@dsm/native'

interface SysvAddon extends NativeAddon<[number]> {
  copySegment(shmid: number): Uint8Array
}

const addon = load<SysvAddon>(join(__dirname, '..'))

/**
 * The key of a handle: its 32 bits as a signed number, negated if below 1. So h and 2^32 - h share
 * one; 2^31 keeps its sign, as its negative is no 32-bit number. Never 0, which is IPC_PRIVATE.
 */
const keyOf = (handle: number): number => {
  const signed = handle | 0
  return signed < 1 ? -signed | 0 : signed
}

/** As `ipcs -m` prints it. */
const osName = (handle: number): string =>
  `0x${(keyOf(handle) >>> 0).toString(16).padStart(8, '0')}`

/** System V segments: they cannot be truncated under us, and need no file system. */
export function sysv(): DsmImpl {
  return defineImpl({
    kind: 'sysv',
    options: {},
    supports: { crossProcess: true, enumerate: false, ownsNames: false, survivesReboot: false },
    sizeMax: Math.min(constants.MAX_LENGTH, systemSizeMax()),
    open: () => ({
      ...nativeNamespace(addon, osName, handle => [keyOf(handle)]),
      sameName: (handle, other) => keyOf(handle) === keyOf(other),
    }),
  })
}

/** The kernel's limit for one segment; without /proc it speaks up itself. */
function systemSizeMax(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/shmmax', 'latin1'))
  } catch {
    return Number.MAX_SAFE_INTEGER
  }
}

/**
 * A copy of any segment that this user may read, found by its id; the segment is left as it is.
 * @throws DsmError DSM_NOT_FOUND, DSM_ACCESS, DSM_NO_MEMORY
 */
export function copySegment(shmid: number): Uint8Array {
  integerBetween('shmid', shmid, 0, 0x7fff_ffff)
  try {
    return addon.copySegment(shmid)
  } catch (error) {
    throw fromNativeFailure(error, `shmid ${shmid}`)
  }
}
