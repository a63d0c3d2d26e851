/**
 * How fast something grows: the median of the slopes between all pairs of readings (Theil and Sen).
 * One reading that is off, as after a collection of garbage, does not move it.
 */

export interface Reading {
  /** seconds */
  readonly at: number
  readonly value: number
}

/** Per second; 0 of fewer than two readings. */
export function slopeOf(readings: readonly Reading[]): number {
  const slopes = readings.flatMap((one, index) =>
    readings.slice(index + 1).map(other => (other.value - one.value) / (other.at - one.at)),
  )
  slopes.sort((one, other) => one - other)
  const middle = slopes.length >> 1
  if (slopes.length === 0) return 0
  return slopes.length % 2 === 1 ? slopes[middle]! : (slopes[middle - 1]! + slopes[middle]!) / 2
}

/** From the first reading to the last, by the slope. */
export function growthOf(readings: readonly Reading[]): number {
  return slopeOf(readings) * ((readings.at(-1)?.at ?? 0) - (readings[0]?.at ?? 0))
}
