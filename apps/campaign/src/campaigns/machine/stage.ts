/**
 * What a scene of the campaign `machine` plays with: a group, one member that looks on, and members
 * in processes of their own.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Member } from '@dsm/control'
import { type Dsm, type DsmOptions, openDsm, type Segment } from '@dsm/core'
import { Child, type ChildOptions } from '../../child.js'
import { Random } from '../../random.js'

const WATCHDOG_MS = 40_000
const WITHIN_MS = 10_000
const BOARD_BYTES = 4096

interface Reply {
  readonly value?: unknown
  readonly code?: string
  readonly message?: string
}

/** A member in a process of its own. */
export class Actor {
  readonly child: Child

  constructor(group: string, options: Partial<ChildOptions>) {
    const args = [JSON.stringify({ group })]
    this.child = new Child('campaigns/machine/member-child', {
      watchdogMs: WATCHDOG_MS,
      ...options,
      args,
    })
  }

  /** What it returned, or the code of its error. */
  async does(operation: string, value = 0): Promise<unknown> {
    this.child.send({ operation, value })
    const reply = await this.child.message<Reply>()
    return reply.code === undefined ? reply.value : reply.code
  }

  /** It is not heard of again. */
  async endsIn(operation: string, value = 0): Promise<NodeJS.Signals | number | null> {
    this.child.send({ operation, value })
    const { code, signal } = await this.child.ended
    return signal ?? code
  }

  async killed(): Promise<void> {
    this.child.kill()
    await this.child.ended
  }
}

export interface StageOptions {
  readonly scene: string
  readonly group: string
  readonly seed: number
  readonly canary: string | null
}

export class Stage {
  readonly problems: string[] = []
  readonly random: Random
  readonly group: string
  readonly #canary: string | null
  readonly #actors: Actor[] = []
  readonly #open: Dsm[] = []

  constructor({ group, seed, canary }: StageOptions) {
    this.group = group
    this.random = new Random(seed)
    this.#canary = canary
  }

  open(options: Partial<DsmOptions> = {}): Dsm {
    const dsm = openDsm({ name: this.group, impl: 'posix', lockTimeoutMs: 3_000, ...options })
    this.#open.push(dsm)
    const { oracle } = (dsm as unknown as { member: Member }).member
    if (this.#canary === 'steal') oracle.isDead = () => true
    if (this.#canary === 'pid') oracle.isDead = token => !runs(oracle.describe(token))
    return dsm
  }

  board(dsm: Dsm): Segment {
    return dsm.create(BOARD_BYTES, { ownObject: true })
  }

  actor(options: Partial<ChildOptions> = {}): Actor {
    const actor = new Actor(this.group, options)
    this.#actors.push(actor)
    return actor
  }

  check(fine: boolean, otherwise: string): void {
    if (!fine) this.problems.push(otherwise)
  }

  same(found: unknown, wanted: unknown, what: string): void {
    this.check(found === wanted, `${what}: ${String(found)}, not ${String(wanted)}`)
  }

  /** Turns of the event loop until it is so. */
  async until(so: () => boolean, otherwise: string): Promise<void> {
    const deadline = performance.now() + WITHIN_MS
    while (!so()) {
      if (performance.now() > deadline) return this.check(false, otherwise)
      await delay(20)
    }
  }

  /**
   * The lock of a dead owner is taken over, its references come back, and work goes on. So many
   * members live, and all of them have the board.
   */
  async buries(dsm: Dsm, board: Segment, members = 1): Promise<void> {
    const held = dsm.lock(new Int32Array(board.buffer), 0).acquire()
    this.check(held.recovered, 'the lock of a dead owner was not taken over from it')
    held.release()
    await this.until(() => dsm.members().length === members, 'the dead is still a member')
    const [only] = dsm.segments()
    this.same(dsm.segments().length, 1, 'segments')
    this.same(only?.refcnt, 1 + members, 'references to the board')
    dsm.create(5000).detach()
  }

  async end(): Promise<void> {
    for (const dsm of this.#open) dsm.close()
    await Promise.all(this.#actors.map(actor => actor.killed()))
  }
}

/** `member 3, pid 123 (stopped)`: does any process have that pid? What a wrong oracle would ask. */
function runs(description: string): boolean {
  try {
    return process.kill(Number(/pid (\d+)/.exec(description)?.[1]), 0)
  } catch {
    return false
  }
}
