/**
 * Words and shares against the plain way: decode everything, match an expression, count in a Map.
 */
import { expect, test } from 'vitest'
import { countInChunks, countWords } from '../src/count-words.js'
import { difference, mergeResult, resultOf } from '../src/result.js'
import { shareOf } from '../src/shares.js'
import { WordTable } from '../src/word-table.js'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Mulberry32: 0 to below 1. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const PIECES = [
  ...['a', 'ab', 'Z9', '_', 'é', 'e\u0301', 'ß', 'Ж', '中文', '𝒳', '👍', '٣', 'ﷺ'],
  ...[' ', '\n', ',', '-', '—', '\u00a0', '\ufeff', '\ufffd', '。', '\0'],
].map(text => Buffer.from(text))
/** No UTF-8: alone, cut short, overlong, a surrogate, beyond the last code point. */
const BROKEN = [
  '80',
  'ff',
  'c3',
  'e4b8',
  'f09f91',
  'c0af',
  'e08080',
  'eda080',
  'f4908080',
  'f8',
].map(hex => Buffer.from(hex, 'hex'))

function randomText(random: () => number): Uint8Array {
  const brokenShare = random() < 0.5 ? 0 : 0.2
  const pieces = Array.from({ length: Math.floor(random() * 40) }, () => {
    const from = random() < brokenShare ? BROKEN : PIECES
    return from[Math.floor(random() * from.length)]!
  })
  return new Uint8Array(Buffer.concat(pieces))
}

function naiveCounts(text: Uint8Array): Map<string, number> {
  const counts = new Map<string, number>()
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text)
  for (const [word] of decoded.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

function countsOf(table: WordTable, text: Uint8Array): Map<string, number> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return new Map(
    [...table.entries()].map(({ offset, length, count }) => [
      decoder.decode(text.subarray(offset, offset + length)),
      count,
    ]),
  )
}

function countInOne(text: Uint8Array): WordTable {
  const table = new WordTable(text)
  countWords(table, text, { from: 0, to: text.length })
  return table
}

function countInShares(text: Uint8Array, memberCount: number): WordTable {
  const merged = new WordTable(text)
  for (let index = 0; index < memberCount; index++) {
    const table = new WordTable(text)
    countWords(table, text, shareOf(text, { from: 0, to: text.length }, index, memberCount))
    mergeResult(merged, text, resultOf(table))
  }
  return merged
}

test(`random UTF-8, whole and broken, has the words of an expression (SEED=${seed})`, () => {
  const random = randomFrom(seed)
  for (let round = 0; round < 3_000; round++) {
    const text = randomText(random)
    expect(countsOf(countInOne(text), text)).toEqual(naiveCounts(text))
  }
})

test(`any number of shares, so any border, finds what one share finds (SEED=${seed})`, () => {
  const random = randomFrom(seed)
  for (let round = 0; round < 60; round++) {
    const text = randomText(random)
    const expected = resultOf(countInOne(text))
    for (let memberCount = 1; memberCount <= text.length + 2; memberCount++) {
      const counted = resultOf(countInShares(text, memberCount))
      expect(difference(counted, expected), `${memberCount} shares`).toBeNull()
    }
  }
})

test('shares are the whole text, in order, and begin at separators', () => {
  const text = Buffer.from('one two, three — vier fünf, 中文 six')
  for (let count = 1; count <= 2 * text.length; count++) {
    let end = 0
    for (let index = 0; index < count; index++) {
      const { from, to } = shareOf(text, { from: 0, to: text.length }, index, count)
      expect(from).toBe(end)
      if (from > 0 && from < text.length) expect([0x20, 0x2c]).toContain(text[from])
      end = to
    }
    expect(end).toBe(text.length)
  }
})

test('a text without a separator is one share, and the others are empty', () => {
  const text = Buffer.from('中'.repeat(100))
  expect(countInShares(text, 7).words).toBe(1)
  expect(countInShares(Buffer.alloc(0), 7).words).toBe(0)
})

test('a chunk at a time, with progress to the end, gives the same table', async () => {
  const text = Buffer.from('so many words, über alles; '.repeat(150_000))
  const table = new WordTable(text)
  const progress: number[] = []
  await countInChunks(table, text, { from: 0, to: text.length }, done => progress.push(done))
  expect(progress.length).toBeGreaterThan(3)
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
  expect(progress.at(-1)).toBe(text.length)
  expect(difference(resultOf(table), resultOf(countInOne(text)))).toBeNull()
})

test('a table grows past its first size, and names the most frequent words first', () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `w${index}`)
  const text = Buffer.from(`${words.join(' ')} w7 w7 w19999 `)
  const table = countInOne(text)
  expect([table.distinct, table.words]).toEqual([20_000, 20_003])
  const top = table
    .top(3)
    .map(({ offset, length, count }) => [text.toString('utf8', offset, offset + length), count])
  expect(top).toEqual([
    ['w7', 3],
    ['w19999', 2],
    ['w0', 1],
  ])
})

test('a difference is named: words, distinct words, a count, a place', () => {
  const result = (text: string) => resultOf(countInOne(Buffer.from(text)))
  expect(difference(result('a b c'), result('a b'))).toBe('3 words instead of 2')
  expect(difference(result('a b a'), result('a b c'))).toBe('2 distinct words instead of 3')
  expect(difference(result('a b a'), result('a b b'))).toBe(
    'the word at byte 0 2 times instead of 1',
  )
  expect(difference(result('a  b'), result('a b'))).toMatch(/at byte 3 that should first be at/)
})
