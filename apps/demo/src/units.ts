/**
 * Numbers as people read them.
 */

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** With the unit that fits: bytes, KiB or MiB. */
export function size(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(0)} KiB` : mebibytes(bytes)
}

/** Three figures or so. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(0)} µs`
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`
  return `${(milliseconds / 1000).toPrecision(3)} s`
}

export const integer = (value: number): string => value.toLocaleString('en-US')

export function ratio(value: number): string {
  return `${value >= 100 ? integer(Math.round(value)) : value.toPrecision(2)} ×`
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
