/**
 * Finding the mechanism that a group uses by its kind: `@dsm/impl-<kind>`, an optional peer of this
 * package. A joiner need not name it, and a cleaner must use the one that the dead group used.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DsmError, type DsmImpl, stringMatching } from '@dsm/impl'

const KIND = /^[a-z][a-z0-9]{0,31}$/

/**
 * Looks beside this package, then from the program's own file and the working directory.
 * @throws RangeError for no kind at all; DSM_IMPL_MISSING saying what to install; DSM_IMPL_MISMATCH
 */
export function loadImpl(kind: string): DsmImpl {
  stringMatching('impl', kind, KIND, 'the kind of a mechanism, as "posix"')
  const name = `@dsm/impl-${kind}`
  const module = requireFrom(name) as Record<string, unknown>
  const make = module[kind]
  if (typeof make === 'function') return make() as DsmImpl
  throw new DsmError('DSM_IMPL_MISMATCH', `"${name}" exports no function "${kind}"`, { op: 'open' })
}

function requireFrom(name: string): unknown {
  const places = [__filename, process.argv[1], join(process.cwd(), 'package.json')]
  let cause: unknown
  for (const place of places) {
    if (place === undefined) continue
    try {
      return createRequire(place)(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
      cause ??= error
    }
  }
  throw new DsmError(
    'DSM_IMPL_MISSING',
    `the group needs "${name}", which is not installed here: npm install ${name}`,
    { op: 'open', cause },
  )
}
