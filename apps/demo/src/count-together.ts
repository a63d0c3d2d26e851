/**
 * The job itself: a text in shared memory, several processes that count its words, one result. The
 * members are told a group and numbers of segments, and answer with a number of a segment.
 */
import type { Dsm } from '@dsm/core'
import { boardSizeBytes, loadProgress } from './board.js'
import { Crew } from './crew.js'
import { createSegment, inGroup } from './groups.js'
import type { Backend } from './options.js'
import { type Output, showProgress } from './progress.js'
import { mergeResult, type Result, resultOf } from './result.js'
import { loadText, type TextSource } from './text-source.js'
import { WordTable } from './word-table.js'

export interface TogetherCount {
  readonly result: Result
  readonly top: readonly { readonly word: string; readonly count: number }[]
  /** Reading the text into the segment. */
  readonly loadMs: number
  /** From the first handle sent to the last result handed back; the processes run already. */
  readonly countMs: number
  readonly mergeMs: number
}

const TOP_COUNT = 10
const SHOW_EVERY_MS = 50

export function countTogether(
  backend: Backend,
  source: TextSource,
  memberCount: number,
  output: Output,
): Promise<TogetherCount> {
  return inGroup(backend, backend, async dsm => {
    const loadStart = performance.now()
    const text = createSegment(dsm, source.sizeBytes)
    loadText(source, text.bytes)
    const loadMs = performance.now() - loadStart
    const boardSegment = createSegment(dsm, boardSizeBytes(memberCount))
    const board = new Int32Array(boardSegment.buffer)
    return Crew.employ(memberCount, async crew => {
      await crew.askAll('join', () => ({ group: dsm.name }))
      const progress = showProgress(backend, source.sizeBytes, output)
      const show = () => progress.update(loadProgress(board, memberCount))
      const timer = setInterval(show, SHOW_EVERY_MS)
      const countStart = performance.now()
      const handles = { text: text.handle, board: boardSegment.handle }
      const answers = await crew
        .askAll('count', index => ({ ...handles, index, memberCount, doomed: false }))
        .finally(() => {
          clearInterval(timer)
          show()
          progress.stop()
        })
      const mergeStart = performance.now()
      const merged = new WordTable(text.bytes)
      for (const { result } of answers) mergeSegment(dsm, result, merged, text.bytes)
      return {
        result: resultOf(merged),
        top: topWords(merged, text.bytes),
        loadMs,
        countMs: mergeStart - countStart,
        mergeMs: performance.now() - mergeStart,
      }
    })
  })
}

/** Adds a result that a member handed back. */
export function mergeSegment(dsm: Dsm, handle: number, table: WordTable, text: Uint8Array): void {
  const segment = dsm.attach(handle)
  if (segment === null) throw new Error(`result segment ${handle} is gone`)
  mergeResult(table, text, new Float64Array(segment.buffer))
  segment.detach()
}

function topWords(table: WordTable, text: Uint8Array): TogetherCount['top'] {
  return table.top(TOP_COUNT).map(({ offset, length, count }) => {
    const word = new TextDecoder().decode(text.slice(offset, offset + length))
    return { word: word.length > 40 ? `${word.slice(0, 39)}…` : word, count }
  })
}
