/**
 * The child process: it joins a group by name, attaches segments by handle, and answers what its
 * parent asks (see `protocol.ts`). It prints nothing, and does not outlive its parent: when the
 * channel closes, for whatever reason, it leaves the group and exits.
 */
import { type Dsm, openDsm, type Segment } from '@dsm/core'
import { LOCK_WORD, storeProgress, waitForTheEnd } from './board.js'
import { countInChunks } from './count-words.js'
import { collectGarbage } from './memory.js'
import type { Answer, Ask, Kind, Question, Reply } from './protocol.js'
import { resultOf, resultSizeBytes, writeResult } from './result.js'
import { shareOf } from './shares.js'
import { sumOf } from './sum.js'
import { loadText } from './text-source.js'
import { WordTable } from './word-table.js'

let dsm: Dsm | null = null
let attached: Segment | null = null
let kept: Uint8Array | null = null

function joined(): Dsm {
  if (dsm === null) throw new Error('asked for a segment before it joined a group')
  return dsm
}

function attach(handle: number): Segment {
  const segment = joined().attach(handle)
  if (segment === null) throw new Error(`there is no segment with handle ${handle}`)
  return segment
}

async function count(ask: Ask<'count'>): Promise<Answer<'count'>> {
  const text = (joined().findMapping(ask.text) ?? attach(ask.text)).bytes
  const board = new Int32Array((joined().findMapping(ask.board) ?? attach(ask.board)).buffer)
  const share = shareOf(text, { from: 0, to: text.length }, ask.index, ask.memberCount)
  const table = new WordTable(text)
  await countInChunks(table, text, share, done => {
    storeProgress(board, ask.index, done)
    if (!ask.doomed || 2 * done < share.to - share.from) return
    joined().lock(board, LOCK_WORD).acquire()
    waitForTheEnd(board)
  })
  const result = joined().create(resultSizeBytes(table))
  writeResult(table, new Float64Array(result.buffer))
  return { result: result.handle }
}

async function countAlone({ source }: Ask<'countAlone'>): Promise<Answer<'countAlone'>> {
  const text = new Uint8Array(source.sizeBytes)
  loadText(source, text)
  const startMs = performance.now()
  const table = new WordTable(text)
  await countInChunks(table, text, { from: 0, to: text.length }, () => {})
  const elapsedMs = performance.now() - startMs
  return { result: resultOf(table), elapsedMs }
}

function sum(): Answer<'sum'> {
  const bytes = attached?.bytes ?? kept
  if (bytes === null) throw new Error('asked for a sum before it had bytes')
  return { sum: sumOf(bytes) }
}

function drop(): Answer<'drop'> {
  attached?.detach()
  attached = null
  kept = null
  return {}
}

const tasks: { [K in Kind]: (ask: Ask<K>) => Answer<K> | Promise<Answer<K>> } = {
  join({ group }) {
    dsm = openDsm({ name: group })
    return {}
  },
  count,
  countAlone,
  attach({ handle }) {
    attached = attach(handle)
    return {}
  },
  keep({ bytes }) {
    kept = bytes
    return {}
  },
  sum,
  drop,
  async collect() {
    await collectGarbage()
    return {}
  },
}

async function answer(question: Question): Promise<Reply> {
  const { kind } = question
  try {
    const task = tasks[kind] as (ask: Ask<Kind>) => Promise<Answer<Kind>>
    return { kind, answer: await task(question) }
  } catch (error) {
    return { kind, failure: (error as Error).message }
  }
}

process.on('message', async (question: Question) => {
  const reply = await answer(question)
  if (process.connected) process.send!(reply)
})

process.once('disconnect', () => {
  dsm?.close()
  process.exit()
})

// An interrupt from the terminal goes to all processes; the parent's answer to it is to hang up.
process.on('SIGINT', () => {})
