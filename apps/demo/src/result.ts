/**
 * A word table as numbers, to be handed from process to process in a segment: words, distinct
 * words, then per word its offset in the text, its length and its count. The words themselves are
 * not in it: whoever reads it has the text.
 */
import { HASH_SEED, hashByte, type WordTable } from './word-table.js'

/** In the order in which the words first occur. */
export type Result = Float64Array

const HEADER_FIELDS = 2
const ENTRY_FIELDS = 3

export const resultSizeBytes = (table: WordTable): number =>
  (HEADER_FIELDS + ENTRY_FIELDS * table.distinct) * Float64Array.BYTES_PER_ELEMENT

/** @param result of `resultSizeBytes` */
export function writeResult(table: WordTable, result: Result): void {
  result[0] = table.words
  result[1] = table.distinct
  let at = HEADER_FIELDS
  for (const { offset, length, count } of table.entries()) {
    result[at++] = offset
    result[at++] = length
    result[at++] = count
  }
}

export function resultOf(table: WordTable): Result {
  const result = new Float64Array(resultSizeBytes(table) / Float64Array.BYTES_PER_ELEMENT)
  writeResult(table, result)
  return result
}

/** Adds `result` to `table`, which is over the same text. */
export function mergeResult(table: WordTable, text: Uint8Array, result: Result): void {
  const end = HEADER_FIELDS + ENTRY_FIELDS * result[1]!
  for (let at = HEADER_FIELDS; at < end; at += ENTRY_FIELDS) {
    const offset = result[at]!
    const length = result[at + 1]!
    let hash = HASH_SEED
    for (let index = offset; index < offset + length; index++) hash = hashByte(hash, text[index]!)
    table.add(hash, offset, length, result[at + 2]!)
  }
}

/** Null if both say the same of every word; else the first thing that differs. */
export function difference(counted: Result, expected: Result): string | null {
  if (counted[0] !== expected[0]) return `${counted[0]} words instead of ${expected[0]}`
  if (counted[1] !== expected[1]) return `${counted[1]} distinct words instead of ${expected[1]}`
  for (let at = HEADER_FIELDS; at < expected.length; at += ENTRY_FIELDS) {
    const [offset, length, count] = counted.subarray(at, at + ENTRY_FIELDS)
    if (offset !== expected[at] || length !== expected[at + 1]) {
      return `a word first at byte ${offset} that should first be at byte ${expected[at]}`
    }
    if (count !== expected[at + 2]) {
      return `the word at byte ${offset} ${count} times instead of ${expected[at + 2]}`
    }
  }
  return null
}
