/** The names that contenders use: told apart by process, so that two runs never meet. */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from '@dsm/native'
import type { Backend } from './trial.js'

/** The loops of native/bench.cc; `place` is a path or a System V key. */
interface Bare {
  createDestroy(place: string | number, size: number, count: number): void
  attachDetach(place: string | number, size: number, count: number): void
}

/** From src/ and from dist/ alike: both are one folder deep. */
const packageDirectory = fileURLToPath(new URL('../', import.meta.url))

export const bare = load<Bare>(packageDirectory)

/** A built program of this package. */
export const programFile = (name: string): string => join(packageDirectory, 'dist', `${name}.js`)

export const groupName = (): string => `bench-${process.pid}`

export interface BarePlace {
  readonly place: string | number
  remove(): void
}

/** Where the bare system calls work: the same file systems as the library. */
export function barePlace(backend: Backend): BarePlace {
  const nothing = (): void => undefined
  if (backend === 'sysv') return { place: randomInt(1, 2 ** 31), remove: nothing }
  if (backend === 'posix') return { place: `/dev/shm/dsm-bench-${process.pid}`, remove: nothing }
  const directory = mkdtempSync(join(tmpdir(), 'dsm-bench-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  return { place: join(directory, '1'), remove }
}
