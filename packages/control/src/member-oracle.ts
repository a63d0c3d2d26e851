/**
 * Who is dead, as the kernel says: a member holds a lock on one byte of the life's members' file,
 * and the byte's offset is its incarnation. A token is dead if, and only if, its generation is not
 * its entry's, or its byte is free; once dead, always dead. Right for SIGKILL, zombies, reused
 * pids, PID namespaces and worker threads, where asking by pid is wrong.
 *
 * Never asked about the asker: the kernel answers "free" for a lock of one's own.
 */
import {
  byteOf,
  type DeathOracle,
  describeProcess,
  generationOf,
  type LockFile,
  memberOf,
} from '@dsm/lwlock'
import type { ControlSegment } from './control-segment.js'
import { MEMBER } from './layout.js'

export class MemberOracle implements DeathOracle {
  readonly token: number
  readonly #control: ControlSegment
  readonly #file: LockFile

  constructor(control: ControlSegment, file: LockFile, token: number) {
    this.#control = control
    this.#file = file
    this.token = token
  }

  /** A token that names no entry is corruption, not death: nothing is taken over on its account. */
  isDead(token: number): boolean {
    const member = memberOf(token)
    if (member < 0 || member >= this.#control.geometry.maxMembers) return false
    const { words } = this.#control
    const at = this.#control.member(member)
    const generation = Atomics.load(words, at + MEMBER.generation)
    if (generation !== generationOf(token)) return true
    return !this.#file.probe(byteOf(token))
  }

  /** `member 3, pid 123 (stopped)`. */
  describe(token: number): string {
    const member = memberOf(token)
    if (member < 0 || member >= this.#control.geometry.maxMembers) {
      return `nobody known (token ${token})`
    }
    const pid = this.#control.words[this.#control.member(member) + MEMBER.pid]!
    return `member ${member}, ${describeProcess(pid)}`
  }
}
