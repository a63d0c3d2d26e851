/**
 * A name as the table of names keeps it: up to 48 bytes of UTF-8 in twelve words, and its hash.
 * Made before a section, as a section allocates nothing.
 */
import { invalidType, outOfRange } from '@dsm/impl'
import { NAME } from './layout.js'
import { hashWords } from './names.js'

/** What the table of names compares. */
export interface NameKey {
  readonly name: string
  readonly text: Int32Array
  readonly hash: number
}

/**
 * A name made ready for the table.
 * @throws TypeError if it is no string; RangeError if it is empty, longer than 48 bytes of UTF-8,
 *   or has a NUL or half a surrogate pair in it.
 */
export function nameKey(name: string): NameKey {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name)
  const bytes = Buffer.from(name, 'utf8')
  const sound = bytes.length >= 1 && bytes.length <= NAME.bytes && bytes.toString('utf8') === name
  if (!sound || name.includes('\0')) {
    throw outOfRange('name', `1 to ${NAME.bytes} bytes of UTF-8 without NUL`, JSON.stringify(name))
  }
  const text = new Int32Array(NAME.textWords)
  new Uint8Array(text.buffer).set(bytes)
  return { name, text, hash: hashWords(text, 0) }
}
