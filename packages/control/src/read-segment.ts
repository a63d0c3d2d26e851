/**
 * Some bytes of a segment of a group, read from outside: mapped, copied, unmapped. Users write them
 * without telling anybody, so they are what they were at some moment, and not all at the same.
 */
import { PAGE_SIZE } from '@dsm/freepage'
import { DsmError, type DsmNamespace } from '@dsm/impl'
import type { LoadImpl } from './dead-lives.js'
import type { GroupDirectory } from './group-directory.js'
import { scopeOf } from './life.js'
import type { RegionView, SegmentView } from './life-content.js'
import type { LifeSurvey } from './survey.js'

/** null: it is gone meanwhile. @throws DSM_FOREIGN, DSM_ACCESS, DSM_NO_MEMORY, … */
export function readSegment(
  directory: GroupDirectory,
  life: LifeSurvey,
  segment: SegmentView,
  range: { readonly offset: number; readonly length: number },
  loadImpl: LoadImpl,
): Uint8Array | null {
  const region = life.content?.mainRegion ?? null
  const namespace = loadImpl(life.record.kind).open(scopeOf(directory, life.record))
  try {
    return copyOf(namespace, whereIs(segment, region), range)
  } catch (error) {
    if (DsmError.isInstance(error) && error.code === 'DSM_NOT_FOUND') return null
    throw error
  } finally {
    namespace.close()
  }
}

interface Place {
  readonly handle: number
  readonly size: number
  /** Of the segment's first byte. */
  readonly start: number
  readonly end: number
}

function whereIs(segment: SegmentView, region: RegionView | null): Place | null {
  const { handle, size, run } = segment
  if (run === null) return { handle, size, start: 0, end: size }
  if (region === null) return null
  const start = run.firstPage * PAGE_SIZE
  return { handle: region.handle, size: region.size, start, end: start + size }
}

function copyOf(
  namespace: DsmNamespace,
  place: Place | null,
  range: { readonly offset: number; readonly length: number },
): Uint8Array | null {
  if (place === null || place.handle === 0 || place.size < 1 || place.end > place.size) return null
  if (place.size > namespace.impl.sizeMax) return null
  const from = Math.min(place.start + range.offset, place.end)
  const to = Math.min(from + range.length, place.end)
  const mapping = namespace.attach(place.handle, place.size)
  try {
    return new Uint8Array(mapping.buffer.slice(from, to))
  } finally {
    mapping.detach()
  }
}
