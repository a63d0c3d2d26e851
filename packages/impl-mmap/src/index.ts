/**
 * @dsm/impl-mmap: mapped files (seed: dsm_impl_mmap). Names and options are here; the system calls
 * are in native/mmap.cc and the headers of @dsm/native.
 */
import { constants } from 'node:buffer'
import { rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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

const addon = load<NativeAddon<[string, string, string]>>(join(__dirname, '..'))

/** What decides the names of the files. */
export interface MmapOptions {
  /**
   * Absolute path of a directory that is ours and 0700, or that can be made so in an existing one.
   * The files are below it, in a directory for each life of a group. Default
   * `<os.tmpdir()>/dsm-<uid>`.
   */
  readonly dir?: string
}

/** Mapped files: for segments larger than memory. After a reboot they are garbage, not a group. */
export function mmap(options?: MmapOptions): DsmImpl {
  optionsObject('options', options)
  checkDir('options.dir', options?.dir ?? defaultDir())
  const dir = resolve(options?.dir ?? defaultDir())
  return defineImpl({
    kind: 'mmap',
    options: { dir },
    supports: { crossProcess: true, enumerate: true, ownsNames: true, survivesReboot: true },
    sizeMax: constants.MAX_LENGTH,
    open: scope => openScope(scope, dir),
  })
}

const defaultDir = (): string => resolve(tmpdir(), `dsm-${process.geteuid?.() ?? 0}`)

function checkDir(name: string, dir: unknown): asserts dir is string {
  stringMatching(name, dir, /^\/[^\0]+$/, 'an absolute path, not the root')
}

function openScope(scope: DsmScope, ownDir: string): RawNamespace {
  const dir = scope.options.dir ?? ownDir
  checkDir('scope.options.dir', dir)
  const scopeName = `dsm.${scope.nonce}`
  const scopeDir = join(dir, scopeName)
  const osName = (handle: number) => join(scopeDir, String(handle))
  return {
    ...nativeNamespace(addon, osName, handle => [dir, scopeName, String(handle)]),
    enumerate: () => handlesInDirectory(scopeDir, ''),
    close() {
      // Only if empty; whoever makes a file meanwhile makes them again. A directory that the user
      // named is the user's.
      if (removeEmpty(scopeDir) && dir === defaultDir()) removeEmpty(dir)
    },
  }
}

function removeEmpty(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch {
    return false
  }
}
