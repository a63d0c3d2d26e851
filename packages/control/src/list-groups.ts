/**
 * The groups of the default place, by their directories. Which of them live is not asked here.
 */
import { type Dirent, readdirSync } from 'node:fs'
import { type GroupDirectory, groupDirectory, NAME_PATTERN } from './group-directory.js'
import { systemError } from './system-failure.js'

/** Where `openDsm({ name })` keeps groups: `DSM_DIR`, or the default place. */
export const groupsParent = (): string => groupDirectory({ name: 'any' }).parent!

/** By name; none if there is no such place. @throws DsmError if it cannot be read. */
export function listGroups(): GroupDirectory[] {
  const parent = groupsParent()
  let entries: Dirent[]
  try {
    entries = readdirSync(parent, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw systemError(error, 'open', parent)
  }
  return entries
    .filter(entry => entry.isDirectory() && NAME_PATTERN.test(entry.name))
    .map(({ name }) => groupDirectory({ name }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}
