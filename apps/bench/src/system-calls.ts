/** The bare system calls, in loops in C (native/bench.cc): the physical limit. */
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from '@dsm/native'
import { packageDirectory } from './programs.js'
import type { Backend } from './trial.js'

/** `place` is a path or a System V key. */
interface SystemCalls {
  createDestroy(place: string | number, size: number, count: number): void
  /** With the looks at files and directories that safety needs. Not of System V. */
  createDestroyChecked(place: string, size: number, count: number, mappedFile: boolean): void
  attachDetach(place: string | number, size: number, count: number): void
  /** Nanoseconds of one creation; what it takes to remove it again is not in it. */
  timedCreate(place: string | number, size: number, count: number): number
}

export const systemCalls = load<SystemCalls>(packageDirectory)

export interface BarePlace {
  readonly place: string | number
  remove(): void
}

/** Where they work: the same file systems as the library. */
export function barePlace(backend: Backend): BarePlace {
  const nothing = (): void => undefined
  if (backend === 'sysv') return { place: randomInt(1, 2 ** 31), remove: nothing }
  if (backend === 'posix') return { place: `/dev/shm/dsm-bench-${process.pid}`, remove: nothing }
  const directory = mkdtempSync(join(tmpdir(), 'dsm-bench-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, 'scope'))
  return { place: join(directory, 'scope', '1'), remove }
}
