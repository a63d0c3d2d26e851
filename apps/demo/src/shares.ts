/**
 * Cutting a text where no word and no character is cut. A border is moved on to the next ASCII
 * separator: that byte ends any word, and it is never part of a longer UTF-8 character, so reading
 * from there finds what reading from the beginning finds. Everybody computes the same borders from
 * the bytes; nobody has to be told.
 * A text without ASCII separators is one share, and the other shares are empty.
 */
import { isAsciiSeparator } from './words.js'

/** Bytes `from` up to but not including `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** The first place at or after `position` where the text may be cut; `end` if there is none. */
function borderAt(bytes: Uint8Array, position: number, end: number): number {
  let border = position
  while (border < end && !isAsciiSeparator(bytes[border]!)) border += 1
  return border
}

/**
 * Share number `index` of `count` about equal ones. Together they are the whole range, in order.
 * @param range borders of its own kind: the whole text, or a share
 */
export function shareOf(bytes: Uint8Array, range: Range, index: number, count: number): Range {
  const border = (number: number): number => {
    if (number === 0) return range.from
    if (number === count) return range.to
    const position = range.from + Math.floor(((range.to - range.from) / count) * number)
    return borderAt(bytes, position, range.to)
  }
  return { from: border(index), to: border(index + 1) }
}
