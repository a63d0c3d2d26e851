/**
 * One group of the campaign `soak`, on one backend: a process that stays, others that are killed
 * and replaced, and this process, which looks on. At times all of them rest; then nothing may be
 * there but the board: no slot, no page, no object, nobody dead.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Dsm, openDsm, type Segment } from '@dsm/core'
import type { Backend, CampaignOptions } from '../../campaign.js'
import { Child } from '../../child.js'
import { BOARD, type ChurnOptions, OPERATIONS, type Report } from '../../churn-protocol.js'
import { groupDirectory, type Holdings, isGone, Objects } from '../../machine.js'
import { Random } from '../../random.js'
import { warningsTo } from '../../warnings.js'
import type { SteadyReport } from './protocol.js'

const MORTALS = 2
const REGION_BYTES = 1 << 20
const MAX_MEMBERS = 16
const MAX_SEGMENTS = 40
const SELF_KILL_STORES_MAX = 4_000
const REST_WITHIN_MS = 20_000
const CANARY_REST_WITHIN_MS = 3_000
const LEAVE_WITHIN_MS = 20_000
const LOOK_MS = 20
const WATCHDOG_MS = 24 * 3600 * 1000

export class SoakedGroup {
  readonly problems: string[] = []
  kills = 0
  operations = 0
  readonly backend: Backend
  readonly #canary: string | null
  readonly #random: Random
  readonly #group: string
  readonly #dsm: Dsm
  readonly #board: Segment
  readonly #words: Int32Array
  readonly #objects: Objects
  /** The control segment, the main region and the board. */
  readonly #standing: number
  readonly #freePages: number
  readonly #makers = new Set([process.pid])
  readonly #steady: Child
  /** The process that stays has joined, or ended. */
  readonly joined: Promise<void>
  readonly #mortals = new Set<Child>()
  readonly #working = new Set<Child>()
  #resting = false
  #hear: (holdings: Holdings | null) => void = () => undefined

  constructor(backend: Backend, { seed, canary }: CampaignOptions) {
    this.backend = backend
    this.#canary = canary
    this.#random = new Random(seed ^ backend.charCodeAt(0))
    this.#group = `soak-${backend}-${process.pid}`
    this.#dsm = openDsm({
      name: this.#group,
      impl: backend,
      maxMembers: MAX_MEMBERS,
      maxSegments: MAX_SEGMENTS,
      mainRegionSize: REGION_BYTES,
      logger: warningsTo(problem => this.#tell(problem)),
    })
    this.#board = this.#dsm.create(BOARD.words * 4, { ownObject: true })
    this.#words = new Int32Array(this.#board.buffer)
    this.#objects = new Objects(backend, this.#board.osName ?? '')
    this.#standing = this.#objects.list(this.#makers).size
    this.#freePages = this.#pages()
    this.#steady = this.#start('campaigns/soak/steady-child', false)
    this.joined = this.#listen()
    this.#refill()
  }

  /** One dies at random, if one works, and is replaced. */
  async kill(): Promise<void> {
    const victim = this.#resting ? undefined : this.#random.pick([...this.#working])
    if (victim === undefined) return
    this.#working.delete(victim)
    victim.kill()
    await victim.ended
  }

  /** What the process that stays holds, while all rest; null: it did not say. */
  async rest(): Promise<Holdings | null> {
    this.#resting = true
    Atomics.store(this.#words, BOARD.rest, 1)
    await this.#empty()
    return await new Promise(resolve => {
      this.#hear = resolve
      this.#steady.send('measure')
    })
  }

  wake(): void {
    this.#resting = false
    Atomics.store(this.#words, BOARD.rest, 0)
  }

  async end(): Promise<void> {
    this.#resting = true
    Atomics.store(this.#words, BOARD.stop, 1)
    await this.#everybodyLeaves()
    for (let index = 0; index < OPERATIONS.length; index++) {
      this.operations += this.#words[BOARD.counts + index] ?? 0
    }
    await this.#empty()
    this.#dsm.close()
    for (const name of this.#objects.list(this.#makers)) this.#tell(`left behind: ${name}`)
    if (!isGone(groupDirectory(this.#group))) this.#tell('the group is left behind')
  }

  #tell(problem: string): void {
    this.problems.push(`${this.backend}: ${problem}`)
  }

  #pages(): number {
    return this.#dsm.stats().mainRegion?.free ?? 0
  }

  #start(program: string, mortal: boolean): Child {
    const suicidal = mortal && this.#random.oneIn(2)
    const options: ChurnOptions = {
      group: this.#group,
      board: this.#board.handle,
      seed: this.#random.fork(),
      threads: mortal ? 1 : 0,
      dieAtStore: suicidal ? this.#random.magnitude(1, SELF_KILL_STORES_MAX) : 0,
      reopens: true,
      canary: this.#canary,
    }
    const child = new Child(program, {
      args: [JSON.stringify(options)],
      watchdogMs: WATCHDOG_MS,
    })
    this.#makers.add(child.pid)
    return child
  }

  #refill(): void {
    while (this.#mortals.size < MORTALS) {
      const child = this.#start('churn-child', true)
      this.#mortals.add(child)
      child.process.on('message', ({ problem }: Report) => {
        if (problem === null) this.#working.add(child)
        else this.#tell(problem)
      })
      child.ended.then(({ code, signal }) => {
        this.#mortals.delete(child)
        this.#working.delete(child)
        if (signal === 'SIGKILL') this.kills++
        else if (code !== 0) this.#tell(`ended with ${code ?? signal}: ${child.stderr.join('')}`)
        if (Atomics.load(this.#words, BOARD.stop) === 0) this.#refill()
      })
    }
  }

  async #listen(): Promise<void> {
    const joined = new Promise<void>(resolve => {
      this.#steady.process.on('message', ({ kind }: SteadyReport) => {
        if (kind === 'joined') resolve()
      })
    })
    this.#steady.process.on('message', (report: SteadyReport) => {
      if (report.kind === 'problem') this.#tell(report.problem)
      if (report.kind === 'holdings') this.#hear(report.holdings)
    })
    const ended = this.#steady.ended.then(({ code, signal }) => {
      this.#hear(null)
      if (code === 0) return
      this.#tell(`the steady one ended with ${code ?? signal}: ${this.#steady.stderr.join('')}`)
    })
    await Promise.race([joined, ended])
  }

  /** Pins are everybody's, and the dead leave some. */
  async #empty(): Promise<void> {
    const within = this.#canary === null ? REST_WITHIN_MS : CANARY_REST_WITHIN_MS
    const deadline = performance.now() + within
    let left = this.#left()
    while (left.length > 0 && performance.now() < deadline) {
      await delay(LOOK_MS)
      left = this.#left()
    }
    for (const what of left) this.#tell(`while all rest there still is ${what}`)
  }

  #left(): string[] {
    const left: string[] = []
    for (const { handle, pinned, refcnt } of this.#dsm.segments()) {
      if (handle === this.#board.handle) continue
      left.push(`segment ${handle} (${refcnt})`)
      if (pinned) this.#dsm.unpinSegment(handle)
    }
    const pages = this.#freePages - this.#pages()
    if (pages !== 0) left.push(`${pages} pages in use`)
    const objects = this.#objects.list(this.#makers)
    if (objects.size > this.#standing) left.push(`${objects.size} objects: ${[...objects]}`)
    return left
  }

  async #everybodyLeaves(): Promise<void> {
    const everybody = [this.#steady, ...this.#mortals]
    const late = setTimeout(() => {
      this.#tell('somebody did not leave')
      for (const child of everybody) child.kill()
    }, LEAVE_WITHIN_MS)
    await Promise.all(everybody.map(({ ended }) => ended))
    clearTimeout(late)
  }
}
