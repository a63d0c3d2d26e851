/**
 * The groups that a run opens, and what their traces on the machine are called. Every name has our
 * pid in it, so that two demos at once do not meet.
 */
import { type Dsm, type DsmImpl, openDsm, type Segment } from '@dsm/core'
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import type { Backend } from './options.js'

const IMPLS: Record<Backend, () => DsmImpl> = { posix, sysv, mmap }
const NAME_PREFIX = `demo-${process.pid}-`
/** Of one life of a group, in the name of everything that it makes in a file system. */
const NONCE = /\bdsm\.([a-z2-7]{13})[./]/

const marks = new Set([NAME_PREFIX])

/** Opens a group of this run, which nobody else is in yet, and closes it after `task`. */
export async function inGroup<T>(
  backend: Backend,
  purpose: string,
  task: (dsm: Dsm) => Promise<T>,
): Promise<T> {
  const name = `${NAME_PREFIX}${purpose}`
  const dsm = openDsm({ name, impl: IMPLS[backend](), exclusive: true })
  try {
    return await task(dsm)
  } finally {
    dsm.close()
  }
}

/** Makes a segment and remembers what to look for when all is over. */
export function createSegment(dsm: Dsm, size: number): Segment {
  const segment = dsm.create(size)
  const nonce = NONCE.exec(segment.osName ?? '')?.[1]
  if (nonce !== undefined) marks.add(nonce)
  return segment
}

/** True for the path of a file or directory that this run has made. */
export const isOfThisRun = (path: string): boolean => [...marks].some(mark => path.includes(mark))
