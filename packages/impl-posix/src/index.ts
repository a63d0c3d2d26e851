/**
 * @dsm/impl-posix: POSIX shared memory (seed: dsm_impl_posix). Names and options are here; the
 * system calls are in native/posix.cc and the headers of @dsm/native.
 */
import { constants } from 'node:buffer'
import { join } from 'node:path'
import {
  type DsmImpl,
  type DsmScope,
  defineImpl,
  handlesInDirectory,
  type NativeAddon,
  nativeNamespace,
  optionsObject,
  type RawNamespace,
  stringMatching,
} from '@dsm/impl'
import { load } from '@dsm/native'

const addon = load<NativeAddon<[string]>>(join(__dirname, '..'))

/** Where Linux keeps them: a tmpfs. */
const SHM_DIR = '/dev/shm'
/** Stands for the scope's nonce in a prefix. */
const NONCE = '<nonce>'
const DEFAULT_PREFIX = `/dsm.${NONCE}.`

/** What decides the names of the objects. */
export interface PosixOptions {
  /**
   * What a name begins with; the handle follows in decimal. One slash, at its start. `<nonce>` in
   * it stands for the nonce of the group's life; without it, names may meet other programs'
   * (`/PostgreSQL.`), and only what is recorded is ever removed. Default `/dsm.<nonce>.`.
   */
  readonly namePrefix?: string
}

/** POSIX shared memory: the mechanism to begin with. */
export function posix(options?: PosixOptions): DsmImpl {
  optionsObject('options', options)
  const namePrefix = options?.namePrefix ?? DEFAULT_PREFIX
  checkPrefix('options.namePrefix', namePrefix)
  const ownsNames = namePrefix.includes(NONCE)
  return defineImpl({
    kind: 'posix',
    options: { namePrefix },
    supports: { crossProcess: true, enumerate: ownsNames, ownsNames, survivesReboot: false },
    sizeMax: constants.MAX_LENGTH,
    open: scope => openScope(scope, namePrefix),
  })
}

/** A longer one leaves no room in a file name (255 bytes) for the nonce and a handle. */
function checkPrefix(name: string, prefix: unknown): asserts prefix is string {
  stringMatching(name, prefix, /^\/[^/\0]{1,200}$/, 'one slash and 1 to 200 other characters')
}

function openScope(scope: DsmScope, ownPrefix: string): RawNamespace {
  const asked = scope.options.namePrefix ?? ownPrefix
  checkPrefix('scope.options.namePrefix', asked)
  const prefix = asked.replaceAll(NONCE, scope.nonce)
  const osName = (handle: number) => `${prefix}${handle}`
  const namespace = nativeNamespace(addon, osName, handle => [osName(handle)])
  if (asked.includes(NONCE))
    namespace.enumerate = () => handlesInDirectory(SHM_DIR, prefix.slice(1))
  return namespace
}
