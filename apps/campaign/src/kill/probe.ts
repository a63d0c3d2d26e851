/**
 * One victim after another: a process forked from this one that prepares something, does one
 * action, and is killed at the n-th point of it, a point being a store to shared bookkeeping or a
 * system call (native/kill_probe.cc says how). What the group looks like before and afterwards is
 * not decided here.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setStoreTrap } from '@dsm/control'
import { load } from '@dsm/native'

interface Native {
  page(): ArrayBuffer
  choose(page: ArrayBuffer): void
  fork(): number
  pid(): number
  wait(pid: number, milliseconds: number): number | null
  nap(): void
  watchBuffer(buffer: ArrayBuffer): void
  sizes(controlBytes: number, regionBytes: number): void
  arm(): void
  disarm(): void
  die(): void
}

/** As in native/kill_probe_page.hpp. */
export const POINT = { none: 0, control: 1, region: 2, user: 3, call: 4, end: 5 } as const
const WORD = {
  events: 0,
  killAt: 1,
  recording: 2,
  announced: 3,
  lockWord: 4,
  unannounced: 5,
  unannouncedWord: 6,
  unseen: 7,
  unseenWord: 8,
  overflow: 9,
  ready: 10,
  go: 11,
  outcome: 12,
} as const
const TEXT_BYTES = 4032
const TEXT_AT = 64
const TRACE_AT = (TEXT_AT + TEXT_BYTES) / 4
const ENTRY_WORDS = 4
const OUTCOME = { dead: 0, done: 1, threw: 2 } as const

const SIGKILL = 9
const VICTIM_MS_MAX = 20_000

export interface Point {
  readonly kind: number
  /** Word of the control segment, or number of the system call. */
  readonly code: number
  /** Of the control segment before it; only if it was recorded. */
  readonly hash: string
}

/** What the whole thing is about: the control segment, and the size of the main region. */
export interface Target {
  readonly controlBytes: number
  readonly lockWord: number
  readonly regionBytes: number
}

export interface Order {
  /** From 1; 0: it lives through the action, and is killed then. */
  readonly killAt: number
  /** Compares the whole control segment at each point, and keeps its hash. */
  readonly recording: boolean
  /** In the victim. Returns the action. */
  prepare(): () => unknown
  /** In this process, after preparing and before the action. */
  between?(): void | Promise<void>
  /** The victim waits for `between` not after preparing, but before its first announced store. */
  readonly pausesInside?: boolean
  /** In the victim: an error that the action may end in. */
  tolerates(error: unknown): boolean
  /** In the victim, before each store that is announced. For canaries. */
  onStore?(): void
}

export interface Death {
  readonly pid: number
  /** It came to the end of its action. */
  readonly survived: boolean
  readonly points: readonly Point[]
  /** What must not have happened. */
  readonly problems: readonly string[]
}

/** What keeps this machine from it; null: nothing. */
export function needs(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64'
  try {
    const actions = readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8')
    return actions.split(/\s+/).includes('trap') ? null : 'needs seccomp with SECCOMP_RET_TRAP'
  } catch {
    return 'needs seccomp'
  }
}

/** Two victims can live at once. Their pages are shared memory, which is never given back. */
const pages = new Map<Role, ArrayBuffer>()
export type Role = 'first' | 'second'

/** Only where it is used: it is not for every machine. */
const native = (): Native =>
  load<{ probe: Native }>(fileURLToPath(new URL('..', import.meta.url))).probe

export class Probe {
  readonly #native = native()
  readonly #page: ArrayBuffer
  readonly #words: Int32Array
  readonly #target: Target
  #pid = 0

  constructor(role: Role, target: Target) {
    this.#page = pages.get(role) ?? this.#native.page()
    pages.set(role, this.#page)
    this.#words = new Int32Array(this.#page)
    this.#target = target
  }

  /** Stores to it are points too. In the victim, while preparing. */
  expose(buffer: ArrayBuffer): void {
    this.#native.watchBuffer(buffer)
  }

  /** In the victim: waits until this process lets it go on. */
  pause(): void {
    this.#words[WORD.ready] = 1
    while (Atomics.load(this.#words, WORD.go) === 0) this.#native.nap()
  }

  /** Forks a victim and waits for its end. Never returns in the victim. */
  async kill(order: Order): Promise<Death> {
    const words = this.#words
    words.fill(0, 0, TRACE_AT)
    words[WORD.killAt] = order.killAt
    words[WORD.recording] = order.recording ? 1 : 0
    words[WORD.announced] = words[WORD.unannouncedWord] = words[WORD.unseenWord] = -1
    words[WORD.lockWord] = this.#target.lockWord
    this.#native.choose(this.#page)
    this.#native.sizes(this.#target.controlBytes, this.#target.regionBytes)
    this.#pid = this.#native.fork()
    if (this.#pid === 0) return await this.#die(order)
    if (order.between !== undefined) await this.#meet(order.between)
    return this.#autopsy()
  }

  async #meet(between: () => void | Promise<void>): Promise<void> {
    while (Atomics.load(this.#words, WORD.ready) === 0) {
      if (this.#native.wait(this.#pid, 0) !== null) {
        this.#pid = -this.#pid
        return
      }
      this.#native.nap()
    }
    await between()
    Atomics.store(this.#words, WORD.go, 1)
  }

  async #die(order: Order): Promise<never> {
    const words = this.#words
    Object.defineProperty(process, 'pid', { value: this.#native.pid() })
    try {
      const action = order.prepare()
      if (order.between !== undefined && !order.pausesInside) this.pause()
      setStoreTrap(index => {
        words[WORD.announced] = index
        if (order.pausesInside && words[WORD.ready] === 0) this.pause()
        order.onStore?.()
      })
      this.#native.arm()
      await this.#act(action, order)
      this.#native.disarm()
      words[WORD.outcome] = OUTCOME.done
    } catch (error) {
      this.#native.disarm()
      new TextEncoder().encodeInto(
        String((error as Error).stack ?? error),
        new Uint8Array(this.#page, TEXT_AT, TEXT_BYTES - 1),
      )
      words[WORD.outcome] = OUTCOME.threw
    }
    this.#native.die()
    throw new Error('it is dead')
  }

  async #act(action: () => unknown, order: Order): Promise<void> {
    try {
      const result = action()
      if (result instanceof Promise) await result
    } catch (error) {
      if (!order.tolerates(error)) throw error
    }
  }

  #autopsy(): Death {
    const problems: string[] = []
    const pid = Math.abs(this.#pid)
    let signal: number | null = SIGKILL
    if (this.#pid > 0) {
      signal = this.#native.wait(pid, VICTIM_MS_MAX)
      if (signal === null) {
        problems.push('the victim did not come to an end')
        process.kill(pid, 'SIGKILL')
        this.#native.wait(pid, VICTIM_MS_MAX)
      }
    }
    if (signal !== null && signal !== SIGKILL) problems.push(`it ended by signal ${signal}`)
    this.#complaints(problems)
    const survived = this.#words[WORD.outcome] !== OUTCOME.dead
    return { pid, survived, points: this.#trace(), problems }
  }

  #complaints(problems: string[]): void {
    const words = this.#words
    if (words[WORD.outcome] === OUTCOME.threw) problems.push(`it threw: ${this.#text()}`)
    if (words[WORD.unannounced] !== 0) {
      problems.push(`a store that no trap announced: word ${words[WORD.unannouncedWord]}`)
    }
    if (words[WORD.unseen] !== 0) {
      problems.push(
        `the control segment changed between two points: word ${words[WORD.unseenWord]}`,
      )
    }
    if (words[WORD.overflow] !== 0) problems.push('too many points for the trace')
  }

  #text(): string {
    const bytes = new Uint8Array(this.#page, TEXT_AT, TEXT_BYTES)
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)))
  }

  #trace(): Point[] {
    const words = this.#words
    return Array.from({ length: words[WORD.events]! }, (_, index) => {
      const at = TRACE_AT + index * ENTRY_WORDS
      const [kind, code, low, high] = words.subarray(at, at + ENTRY_WORDS)
      return { kind: kind!, code: code!, hash: `${low}:${high}` }
    })
  }
}
