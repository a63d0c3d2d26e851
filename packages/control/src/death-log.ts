/**
 * Who died, told to every member, whoever recovered: recovery appends one entry for each handle
 * that a dead member held and one, with handle 0, when it buries it. A ring in shared words that
 * nobody's safety depends on: nothing reads it but `DeathWatch`, which takes no lock.
 *
 * A recovery that is itself killed is run again and can write an entry twice, never lose one: the
 * handle stands here before its bit goes, the burial before the member's entry is free.
 */
import type { ControlSegment } from './control-segment.js'
import { B, DEATH, MEMBER } from './layout.js'
import { publish, store } from './shared-words.js'

/** First word of the entry that is, was or will be the n-th. */
export const deathEntry = ({ geometry }: ControlSegment, n: number): number =>
  geometry.deaths + (n & (geometry.deathCapacity - 1)) * DEATH.words

/** Under the lock. The member's entry still says who it was. */
export function recordDeath(control: ControlSegment, member: number, handle: number): void {
  const { words } = control
  const counter = control.header(B.deathCount)
  const at = deathEntry(control, words[counter]!)
  const who = control.member(member)
  store(words, at + DEATH.member, member)
  store(words, at + DEATH.handle, handle)
  store(words, at + DEATH.pid, words[who + MEMBER.pid]!)
  store(words, at + DEATH.threadId, words[who + MEMBER.threadId]!)
  store(words, at + DEATH.startedAt, words[who + MEMBER.startedAt]!)
  store(words, at + DEATH.startedAt + 1, words[who + MEMBER.startedAt + 1]!)
  publish(words, counter, (words[counter]! + 1) | 0)
}
