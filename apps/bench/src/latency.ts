/** The whole distribution of latencies, kept in an HDR histogram: the tail is what people feel. */
import { build } from 'hdr-histogram-js'

const DIGITS = 3
const HOUR_NS = 3_600e9

/** Nanoseconds. */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export function latencyOf(samplesNs: readonly number[]): Latency {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HOUR_NS,
    numberOfSignificantValueDigits: DIGITS,
  })
  for (const sample of samplesNs) histogram.recordValue(Math.max(1, Math.round(sample)))
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile)
  return {
    count: samplesNs.length,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: Math.max(...samplesNs),
  }
}
