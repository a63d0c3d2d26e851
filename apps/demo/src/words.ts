/**
 * What a word is: a longest run of Unicode letters, marks, numbers and `_` in the text read as
 * UTF-8. Upper and lower case differ; bytes that are no UTF-8 separate words. That is what
 * `TextDecoder` and `/[\p{L}\p{M}\p{N}_]+/gu` would find, but answered on the bytes themselves: a
 * text in shared memory is never copied into a string.
 * It counts nothing.
 */

const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u
const CODE_POINT_COUNT = 0x110000
const UNKNOWN = 0
const WORD = 1
const SEPARATOR = 2

/** By ASCII code: 1 for a word character. */
export const asciiWord = Uint8Array.from({ length: 0x80 }, (_, code) =>
  WORD_CHARACTER.test(String.fromCharCode(code)) ? WORD : 0,
)

/** By code point, filled in when one is first met: the expression is slow to ask. */
const known = new Uint8Array(CODE_POINT_COUNT)

function isWordCharacter(codePoint: number): boolean {
  if (known[codePoint] === UNKNOWN) {
    const isWord = WORD_CHARACTER.test(String.fromCodePoint(codePoint))
    known[codePoint] = isWord ? WORD : SEPARATOR
  }
  return known[codePoint] === WORD
}

/**
 * Bytes of the word character that begins at `at`, where a byte above 0x7f stands; 0 if there is
 * none: another character, a continuation byte, an overlong or broken sequence, a surrogate.
 */
export function longWordCharacter(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at]!
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  if (lead < 0xc2 || lead > 0xf4 || at + length > to) return 0
  let codePoint = lead & (0x7f >> length)
  for (let index = at + 1; index < at + length; index++) {
    const byte = bytes[index]!
    if ((byte & 0xc0) !== 0x80) return 0
    codePoint = (codePoint << 6) | (byte & 0x3f)
  }
  if (length === 3 && (codePoint < 0x800 || (codePoint & 0xf800) === 0xd800)) return 0
  if (length === 4 && (codePoint < 0x10000 || codePoint >= CODE_POINT_COUNT)) return 0
  return isWordCharacter(codePoint) ? length : 0
}

/** True for a byte that ends every word and is a character by itself wherever it stands. */
export const isAsciiSeparator = (byte: number): boolean => byte < 0x80 && asciiWord[byte] === 0
