/**
 * Counting the words of a part of a text, on the bytes where they are. It makes no string, copies
 * no byte, and reads nothing outside the part: borders come from `shares.ts`.
 */
import { type Range, shareOf } from './shares.js'
import { HASH_SEED, hashByte, type WordTable } from './word-table.js'
import { asciiWord, longWordCharacter } from './words.js'

const CHUNK_SIZE_BYTES = 1 << 20

export function countWords(table: WordTable, text: Uint8Array, range: Range): void {
  const { to } = range
  let at = range.from
  while (at < to) {
    const start = at
    let hash = HASH_SEED
    while (at < to) {
      const byte = text[at]!
      if (byte < 0x80) {
        if (asciiWord[byte] === 0) break
        hash = hashByte(hash, byte)
        at += 1
        continue
      }
      const end = at + longWordCharacter(text, at, to)
      if (end === at) break
      while (at < end) hash = hashByte(hash, text[at++]!)
    }
    if (at > start) table.add(hash, start, at - start, 1)
    else at += 1
  }
}

/**
 * The same, about a megabyte at a time; between two of them the event loop turns, so that a process
 * that counts still hears that its parent is gone.
 * @param onProgress is told how many bytes of the range are done
 */
export async function countInChunks(
  table: WordTable,
  text: Uint8Array,
  range: Range,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  const chunkCount = Math.max(1, Math.ceil((range.to - range.from) / CHUNK_SIZE_BYTES))
  for (let index = 0; index < chunkCount; index++) {
    const chunk = shareOf(text, range, index, chunkCount)
    countWords(table, text, chunk)
    onProgress(chunk.to - range.from)
    await new Promise(resolve => setImmediate(resolve))
  }
}
