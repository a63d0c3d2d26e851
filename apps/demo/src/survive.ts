/**
 * The same job with a death in it: one member is killed by SIGKILL halfway through its share, with
 * segments attached and a lock held. The group is looked at before and after, and another member
 * counts the share again.
 */
import type { Dsm, Segment } from '@dsm/core'
import { boardSizeBytes, isWaiting, LOCK_WORD } from './board.js'
import { mergeSegment } from './count-together.js'
import { Crew } from './crew.js'
import { createSegment, inGroup } from './groups.js'
import type { Backend } from './options.js'
import { type Result, resultOf } from './result.js'
import { loadText, type TextSource } from './text-source.js'
import { WordTable } from './word-table.js'

/** What the parent sees of its group. */
export interface GroupPicture {
  /** Itself included. */
  readonly members: number
  /** Attachments of the segment with the text. */
  readonly references: number
  readonly lock: 'held' | 'free' | 'recovered'
}

export interface Survival {
  readonly pid: number
  readonly before: GroupPicture
  readonly after: GroupPicture
  /** From the signal until this process was told of the death. */
  readonly announcedMs: number
  readonly result: Result
}

/** It has the first share, and the heir the second. */
const VICTIM = 0
const HEIR = 1
const LOOK_EVERY_MS = 5
const LOOK_FOR_MS = 60_000

/** Is all that the dead one held given back? */
export const isWhole = ({ before, after }: Survival): boolean =>
  after.members === before.members - 1 &&
  after.references === before.references - 1 &&
  before.lock === 'held' &&
  after.lock === 'recovered'

/** @param memberCount 2 or more */
export function survive(
  backend: Backend,
  source: TextSource,
  memberCount: number,
): Promise<Survival> {
  return inGroup(backend, `${backend}-kill`, async dsm => {
    const text = createSegment(dsm, source.sizeBytes)
    loadText(source, text.bytes)
    const board = createSegment(dsm, boardSizeBytes(memberCount))
    return Crew.employ(memberCount, async crew => {
      await crew.askAll('join', () => ({ group: dsm.name }))
      const handles = { text: text.handle, board: board.handle, memberCount }
      const count = (by: number, index: number, doomed: boolean) =>
        crew.ask(by, 'count', { ...handles, index, doomed })
      count(VICTIM, VICTIM, true).catch(() => {}) // its process ends, as it is to
      const rest = Array.from({ length: memberCount - 1 }, (_, n) => count(1 + n, 1 + n, false))
      const [death, answers] = await Promise.all([
        killHalfway(dsm, crew, text, board),
        Promise.all(rest),
      ])
      const again = await count(HEIR, VICTIM, false)
      const merged = new WordTable(text.bytes)
      for (const { result } of [again, ...answers]) mergeSegment(dsm, result, merged, text.bytes)
      return { ...death, result: resultOf(merged) }
    })
  })
}

async function killHalfway(
  dsm: Dsm,
  crew: Crew,
  text: Segment,
  board: Segment,
): Promise<Omit<Survival, 'result'>> {
  const words = new Int32Array(board.buffer)
  const pid = crew.pids[VICTIM]!
  await until(() => isWaiting(words))
  const before = picture(dsm, text, words)
  let announcedAt = 0
  const listening = dsm.onMemberDeath(({ member }) => {
    if (member.pid === pid) announcedAt = performance.now()
  })
  const killedAt = performance.now()
  await crew.kill(VICTIM)
  await until(() => announcedAt > 0)
  listening[Symbol.dispose]()
  return {
    pid,
    before,
    after: picture(dsm, text, words),
    announcedMs: announcedAt - killedAt,
  }
}

function picture(dsm: Dsm, text: Segment, board: Int32Array): GroupPicture {
  const info = dsm.segments().find(({ handle }) => handle === text.handle)!
  const held = dsm.lock(board, LOCK_WORD).tryAcquire()
  const lock = held === null ? 'held' : held.recovered ? 'recovered' : 'free'
  held?.[Symbol.dispose]()
  return { members: dsm.members().length, references: info.members.length, lock }
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + LOOK_FOR_MS
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('a member that was to be killed is not dead')
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
