/**
 * Reading a group: everything that the metrics are made of, in one go. It changes nothing. Each of
 * the three questions takes the group's lock for the time of one copy; together they are no single
 * instant, so a segment may be counted as made and not yet be among those that exist.
 */
import { type Dsm, DsmError, type DsmStats, type MemberInfo, type SegmentInfo } from '@dsm/core'

export interface GroupReading {
  readonly stats: DsmStats
  readonly segments: readonly SegmentInfo[]
  readonly members: readonly MemberInfo[]
}

/** What every sample of a group carries. */
export interface GroupLabels {
  readonly group: string
  readonly backend: string
}

/** `reading` is null if the group is closed, was removed or damaged, or its lock is held. */
export interface Reading {
  readonly labels: GroupLabels
  readonly reading: GroupReading | null
}

/** Groups to be measured: one, or several. */
export type Groups = Dsm | readonly Dsm[]

/** One reading of each, in their order. */
export function readGroups(groups: Groups): Reading[] {
  const list: readonly Dsm[] = 'stats' in groups ? [groups] : groups
  return list.map(dsm => ({
    labels: { group: dsm.name, backend: dsm.impl.kind },
    reading: readGroup(dsm),
  }))
}

function readGroup(dsm: Dsm): GroupReading | null {
  try {
    return { stats: dsm.stats(), segments: dsm.segments(), members: dsm.members() }
  } catch (error) {
    if (DsmError.isInstance(error)) return null
    throw error
  }
}
