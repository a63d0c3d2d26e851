/**
 * The addons under AddressSanitizer: with DSM_SANITIZE=address in the environment they are compiled
 * so, and processes that get their environment from here take those. It checks nothing itself.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { compileSanitized, sanitizerEnvironment } from '@dsm/native/testing'

const PACKAGES = ['@dsm/impl-posix', '@dsm/impl-mmap', '@dsm/impl-sysv', '@dsm/lwlock']

/** Of packages that this one need not depend on, if another one does. */
function folderOf(name: string): string {
  const near = createRequire(import.meta.url)
  const control = createRequire(near.resolve('@dsm/control/package.json'))
  const find = name === '@dsm/lwlock' ? control : near
  return dirname(find.resolve(`${name}/package.json`))
}

/** null: not asked for. @throws if it was, and cannot be had. */
export function sanitizedEnvironment(): Record<string, string> | null {
  if (process.env.DSM_SANITIZE !== 'address') return null
  const environment: Record<string, string> = {}
  for (const folder of PACKAGES.map(folderOf)) {
    compileSanitized('address', folder)
    const own = sanitizerEnvironment('address', folder)
    if (own === null) throw new Error('the compiler has no shared libasan')
    Object.assign(environment, own)
  }
  return environment
}
