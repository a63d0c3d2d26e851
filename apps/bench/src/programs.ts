/** Where things of this package are, from src/ and from dist/ alike: both are one folder deep. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const packageDirectory = fileURLToPath(new URL('../', import.meta.url))

/** A built program of this package. */
export const programFile = (name: string): string => join(packageDirectory, 'dist', `${name}.js`)

/** What we are compared with, and is not of the workspace. */
export const peersDirectory = join(packageDirectory, 'peers')
