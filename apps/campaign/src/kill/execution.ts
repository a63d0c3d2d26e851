/**
 * One death in one group, or two: the second while it finds out about the first. Afterwards the
 * stage says whether all is well.
 */
import { openDsm } from '@dsm/core'
import type { Backend } from '../campaign.js'
import type { Random } from '../random.js'
import { describePoint, type Geometry } from './fields.js'
import type { Ground } from './ground.js'
import { type Dead, type GroupState, memberOf, type Operation, operations } from './operations.js'
import { type Death, type Order, POINT, Probe, type Target } from './probe.js'
import { MAX_MEMBERS, MAX_SEGMENTS, Stage, type Tell } from './stage.js'

export interface Kind {
  readonly backend: Backend
  readonly regionBytes: number
  readonly group: GroupState
  readonly operation: string
}

/** A member that is to die first, and where. */
export interface First {
  readonly operation: string
  readonly killAt: number
}

/** A group that lived through so many deaths is given back, and looked at. */
const DEATHS_MAX = 50

export const describeKind = ({ backend, regionBytes, group, operation }: Kind): string =>
  `${backend}, main region ${regionBytes}, ${group} group, ${operation}`

export class Execution {
  readonly problems: string[] = []
  kills = 0
  readonly #ground: Ground
  readonly #random: Random
  readonly #canary: string | null
  readonly #kind: Kind
  readonly #operation: Operation
  readonly #first: Probe
  readonly #second: Probe
  readonly #geometry: Geometry
  #halfMade: number | null = null
  #stage: Stage | null = null
  #deaths = 0
  #what = ''

  constructor(kind: Kind, ground: Ground, random: Random, canary: string | null) {
    this.#ground = ground
    this.#random = random
    this.#canary = canary
    this.#kind = kind
    this.#operation = operations[kind.operation]!
    const target = this.#measure()
    this.#geometry = target.geometry
    this.#first = new Probe('first', target)
    this.#second = new Probe('second', target)
  }

  /** Sizes, and where the lock is: from a group like those to come. */
  #measure(): Target & { geometry: Geometry } {
    const { regionBytes, backend } = this.#kind
    const impl = this.#ground.impl(backend)
    const sizes = { maxMembers: MAX_MEMBERS, maxSegments: MAX_SEGMENTS }
    const dsm = openDsm({ name: 'measure', impl, ...sizes })
    const { words, lock, geometry } = memberOf(dsm).control
    const controlBytes = words.byteLength
    dsm.close()
    return { controlBytes, lockWord: lock, regionBytes, geometry }
  }

  /** What the points of a trace are called. */
  names(death: Death): string[] {
    return death.points.map(point => describePoint(point, this.#geometry))
  }

  /** One victim in this kind of group, which is killed at that point; 0: after its action. */
  async kill(killAt: number, first: First | null = null, recording = false): Promise<Death> {
    const before = first === null ? '' : `${first.operation} killed at ${first.killAt}, then `
    this.#what = `${describeKind(this.#kind)}: ${before}killed at ${killAt}`
    const { dead } = this.#operation
    first ??= dead === undefined ? null : await this.#dead(dead)
    const stage = this.#open()
    const problems = this.problems.length
    const pids: number[] = []
    const death = await this.#second.kill({
      killAt,
      recording,
      prepare: () => this.#operation.prepare(stage.scene(this.#second)),
      tolerates: error => stage.tolerates(error),
      ...this.#between(stage, first, pids),
      ...slips[this.#canary ?? '']?.(stage),
    })
    this.kills++
    for (const problem of death.problems) this.#tell(problem)
    stage.mourn([...pids, death.pid], this.#canary)
    const used = ++this.#deaths >= DEATHS_MAX || !stage.lasts
    if (used || this.problems.length > problems) await this.end()
    return death
  }

  /** What happens when the victim is prepared: the group fills up, and another one dies. */
  #between(stage: Stage, first: First | null, pids: number[]): Partial<Order> {
    if (this.#kind.group !== 'full' && first === null) return {}
    return {
      between: async () => {
        stage.fill()
        if (first !== null) pids.push(await this.#killFirst(stage, first))
      },
    }
  }

  #tell: Tell = problem => void this.problems.push(`${this.#what}: ${problem}`)

  #open(): Stage {
    const { backend, regionBytes, group } = this.#kind
    const setting = { impl: this.#ground.impl(backend), regionBytes, group }
    this.#stage ??= new Stage(
      { ...setting, operation: this.#operation },
      this.#ground,
      this.#random,
      this.#tell,
    )
    return this.#stage
  }

  /** The group that is there, if there is one, ends, and must leave nothing. */
  async end(): Promise<void> {
    this.#stage?.end()
    this.#ground.forgetTheDead()
    if (this.problems.length > 0) this.#ground.clear()
    this.#stage = null
    this.#deaths = 0
    await new Promise(resolve => setImmediate(resolve)) // finalizers want their turn
  }

  async #killFirst(stage: Stage, { operation, killAt }: First): Promise<number> {
    const death = await this.#first.kill({
      killAt,
      recording: false,
      prepare: () => operations[operation]!.prepare(stage.scene(this.#first)),
      tolerates: error => stage.tolerates(error),
    })
    this.kills++
    for (const problem of death.problems) this.#tell(problem)
    return death.pid
  }

  /** Who dies at a point that is told by what happens there. */
  async #dead(dead: Dead): Promise<First> {
    if (dead === 'user lock') return { operation: 'lock', killAt: IN_SECTION }
    const operation = 'create its own object'
    if (dead === 'control lock') return { operation, killAt: IN_SECTION }
    this.#halfMade ??= await this.#lastCall(operation)
    return { operation, killAt: this.#halfMade }
  }

  /**
   * The point before the last system call of an operation: its object is there by then. Learnt in a
   * group of its own, before there is another one.
   */
  async #lastCall(operation: string): Promise<number> {
    const kind: Kind = { ...this.#kind, group: 'busy', operation }
    const rehearsal = new Execution(kind, this.#ground, this.#random, null)
    const { points } = await rehearsal.kill(0)
    await rehearsal.end()
    this.problems.push(...rehearsal.problems)
    return points.findLastIndex(({ kind }) => kind === POINT.call) + 1
  }
}

/** The second point has taken the lock, the third and fourth do something under it. */
const IN_SECTION = 4

/** Canaries: bugs that are put in at the victim or beside it; the others are planted afterwards. */
const slips: Readonly<Record<string, (stage: Stage) => Partial<Order>>> = {
  // A store past the one place through which all have to go.
  bypass: stage => ({ onStore: () => spoil(stage) }),
  // Somebody else stores while the victim is between two points.
  stranger: stage => ({ pausesInside: true, between: () => spoil(stage) }),
}

/** A word of the header that nobody uses. */
const UNUSED = 41

function spoil({ newest }: Stage): void {
  const { control } = memberOf(newest!)
  control.words[control.header(UNUSED)]!++
}
