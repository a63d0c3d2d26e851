/**
 * What is measured of a group: one table, for Prometheus and OpenTelemetry alike, so that both say
 * the same under the same names. A name here is OpenTelemetry's; Prometheus' follows from it
 * (`prometheusName`), as OpenTelemetry's own exporters do it. Bytes stand in the name because some
 * of those append the unit where it is missing and some do not.
 * It reads nothing and writes nothing.
 */
import type { GroupReading } from './reading.js'

export interface Metric {
  /** Dotted, as OpenTelemetry writes it. */
  readonly name: string
  /** A counter never falls while the life of its group lasts; a gauge goes up and down. */
  readonly kind: 'counter' | 'gauge'
  /** UCUM: `By` is bytes, `{…}` a count of such things. Empty: none; of `1` some make a ratio. */
  readonly unit: string
  readonly help: string
  /** null: does not apply to this group. */
  readonly value: (reading: GroupReading) => number | null
}

type Row = readonly [name: string, unit: string, help: string, value: Metric['value']]

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

const GAUGES: readonly Row[] = [
  [
    'dsm.segments',
    '{segment}',
    'Segments that exist, those being made or removed included.',
    ({ segments }) => segments.length,
  ],
  [
    'dsm.segments.bytes',
    'By',
    'Bytes of all segments, as they were asked for.',
    ({ segments }) => sum(segments.map(({ size }) => size)),
  ],
  [
    'dsm.segments.pinned',
    '{segment}',
    'Segments that are kept whether or not anybody is attached.',
    ({ segments }) => segments.filter(({ pinned }) => pinned).length,
  ],
  [
    'dsm.attachments',
    '{attachment}',
    'Attachments: a segment attached by two members counts twice.',
    ({ segments }) => sum(segments.map(({ members }) => members.length)),
  ],
  [
    'dsm.attachments.abandoned',
    '{attachment}',
    'Attachments to segments still there that were taken back from dead members.',
    ({ segments }) => sum(segments.map(({ abandoned }) => abandoned)),
  ],
  [
    'dsm.members',
    '{member}',
    'Members that live.',
    ({ members }) => members.filter(({ alive }) => alive).length,
  ],
  [
    'dsm.members.dead',
    '{member}',
    'Members that died and have not been cleared away yet.',
    ({ members }) => members.filter(({ alive }) => !alive).length,
  ],
  [
    'dsm.main_region.pages',
    '{page}',
    'Pages of 4,096 bytes in the main region.',
    ({ stats }) => stats.mainRegion?.total ?? null,
  ],
  [
    'dsm.main_region.pages.free',
    '{page}',
    'Pages of the main region that are free.',
    ({ stats }) => stats.mainRegion?.free ?? null,
  ],
  [
    'dsm.main_region.pages.largest_run',
    '{page}',
    'Pages in the longest run of free ones: the largest segment that still fits.',
    ({ stats }) => stats.mainRegion?.largest ?? null,
  ],
]

const COUNTERS: readonly Row[] = [
  [
    'dsm.segments.created',
    '{segment}',
    'Segments made, the main region among them.',
    ({ stats }) => stats.created,
  ],
  [
    'dsm.segments.attached',
    '{segment}',
    'Segments attached; that their makers are attached from the start is not counted.',
    ({ stats }) => stats.attached,
  ],
  [
    'dsm.segments.detached',
    '{segment}',
    'Segments detached, by their makers too.',
    ({ stats }) => stats.detached,
  ],
  ['dsm.segments.destroyed', '{segment}', 'Segments removed.', ({ stats }) => stats.destroyed],
  [
    'dsm.members.died',
    '{member}',
    'Members that died without leaving.',
    ({ stats }) => stats.deaths,
  ],
  [
    'dsm.lock.takeovers',
    '{takeover}',
    "Times that the group's own lock was taken over from a dead member.",
    ({ stats }) => stats.takeovers,
  ],
  [
    'dsm.recoveries',
    '{recovery}',
    'Times that the shared table was put right after a death or a cut.',
    ({ stats }) => stats.recoveries,
  ],
  [
    'dsm.operations.reconciled',
    '{operation}',
    'Operations that were cut, and mended by their own member.',
    ({ stats }) => stats.reconciled,
  ],
]

const ofKind = (kind: Metric['kind'], rows: readonly Row[]): Metric[] =>
  rows.map(([name, unit, help, value]) => ({ name, kind, unit, help, value }))

export const METRICS: readonly Metric[] = [
  ...ofKind('gauge', GAUGES),
  ...ofKind('counter', COUNTERS),
]

/** Whether the group could be read at all; what else is known of it is absent where it is 0. */
export const UP = {
  name: 'dsm.up',
  kind: 'gauge',
  unit: '',
  help: 'Whether the group could be read: 1, or 0 if it is closed, damaged or its lock is held.',
} as const

/** `dsm.segments.created` becomes `dsm_segments_created_total`. */
export const prometheusName = ({ name, kind }: Pick<Metric, 'name' | 'kind'>): string =>
  name.replaceAll('.', '_') + (kind === 'counter' ? '_total' : '')
