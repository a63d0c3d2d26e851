/**
 * The mechanisms that groups are made with, by kind. Those of dsm come with this command; another's
 * is looked for where the command is run. They are only asked to attach, and to remove by `clean`.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DsmError, type DsmImpl } from '@dsm/impl'

type Factory = () => DsmImpl

export const OURS = ['posix', 'sysv', 'mmap'] as const

const here = createRequire(import.meta.url)
const loaded = new Map<string, DsmImpl>()

/** @throws DSM_IMPL_MISSING, or what its addon throws when it cannot be loaded */
export function mechanism(kind: string): DsmImpl {
  const known = loaded.get(kind)
  if (known !== undefined) return known
  const impl = factory(kind)()
  loaded.set(kind, impl)
  return impl
}

function factory(kind: string): Factory {
  const ours = (OURS as readonly string[]).includes(kind)
  const name = `@dsm/impl-${kind}`
  if (ours) return (here(name) as Record<string, Factory>)[kind]!
  const there = createRequire(join(process.cwd(), 'package.json'))
  try {
    const make = /^[a-z][a-z0-9]*$/.test(kind) && (there(name) as Record<string, Factory>)[kind]
    if (typeof make === 'function') return make
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
  }
  throw new DsmError(
    'DSM_IMPL_MISSING',
    `the group uses a mechanism "${kind}" that is not installed here; run this where "${name}" is`,
    { op: 'open' },
  )
}
