/**
 * Processes and worker threads do everything at random in one group, and every few tens of
 * milliseconds one of them is killed: by SIGKILL from outside, or by itself between two stores to
 * shared bookkeeping; threads are terminated and processes stopped for a while besides. The others
 * go on, and after each death this process, a member that nobody kills, looks whether all is as it
 * must be. In the end everybody leaves, and nothing is left.
 */
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { type Dsm, openDsm, type Segment } from '@dsm/core'
import { Auditor } from '../auditor.js'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { Child } from '../child.js'
import { BOARD, type ChurnOptions, OPERATIONS, type Report } from '../churn-protocol.js'
import { groupDirectory, isGone, Objects } from '../machine.js'
import { massacre } from '../massacre.js'
import { Random } from '../random.js'
import { plant } from '../random-kill-canaries.js'
import { warningsTo } from '../warnings.js'

const PROCESSES = 5
const THREADS_MAX = 2
/** bytes; with one, most segments are carved from it. */
const REGIONS = [0, 1 << 20]
/** Small, so that both tables are full at times. */
const MAX_MEMBERS = 28
const MAX_SEGMENTS = 40
const KILL_EVERY_MS = [30, 90] as const
/** Nobody is killed while fewer are at work: on a slow machine all would die in their cradles. */
const WORKING_MIN = 2
/** One kill in so many may also hit who is just starting or joining. */
const ANYBODY = 6
const SELF_KILL_STORES_MAX = 4_000
const WATCHDOG_MS = 120_000
const LEAVE_WITHIN_MS = 20_000
/** Beside one kill in so many, somebody is stopped for a while. */
const STOP_ONE_IN = 6
const STOP_MS_MAX = 500
const MASSACRE_EVERY_SECONDS = 10
const CANARY_AT_CHECK = 3

interface Tally {
  kills: number
  selfKills: number
  operations: number
  /** Of the group's own lock, and of the members' on the board. */
  takeovers: number
  locksTakenOver: number
  recoveries: number
  longestCallMs: number
  slowestSweepMs: number
  checks: number
  stops: number
  massacres: number
  leftovers: number
}

class Mayhem {
  readonly problems: string[] = []
  readonly tally: Tally = {
    kills: 0,
    selfKills: 0,
    operations: 0,
    takeovers: 0,
    locksTakenOver: 0,
    recoveries: 0,
    longestCallMs: 0,
    slowestSweepMs: 0,
    checks: 0,
    stops: 0,
    massacres: 0,
    leftovers: 0,
  }
  readonly #options: CampaignOptions
  readonly #backend: Backend
  readonly #mainRegionSize: number
  /** Of the main region, before anybody came. */
  readonly #freePages: number
  readonly #random: Random
  readonly #group: string
  readonly #dsm: Dsm
  readonly #board: Segment
  readonly #objects: Objects
  readonly #auditor: Auditor
  /** Pids of all processes that ever made an object here. */
  readonly #makers = new Set([process.pid])
  readonly #children = new Set<Child>()
  /** Those that have joined. */
  readonly #working = new Set<Child>()
  readonly #killed = new WeakSet<Child>()

  constructor(options: CampaignOptions, backend: Backend, mainRegionSize: number) {
    this.#options = options
    this.#backend = backend
    this.#mainRegionSize = mainRegionSize
    this.#random = new Random(options.seed ^ backend.charCodeAt(0) ^ mainRegionSize)
    this.#group = `random-kill-${process.pid}`
    this.#dsm = openDsm({
      name: this.#group,
      impl: backend,
      maxMembers: MAX_MEMBERS,
      maxSegments: MAX_SEGMENTS,
      mainRegionSize,
      logger: warningsTo(problem => this.problems.push(`${backend}, watching: ${problem}`)),
    })
    this.#board = this.#dsm.create(BOARD.words * 4, { ownObject: true })
    this.#freePages = this.#dsm.stats().mainRegion?.free ?? 0
    const name = this.#board.osName ?? ''
    this.#objects = new Objects(backend, name)
    const control = this.#objects.list(this.#makers)
    control.delete(name)
    this.#auditor = new Auditor(this.#dsm, this.#objects, control, this.#makers)
  }

  async run(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000
    for (let index = 0; index < PROCESSES; index++) this.#spawn()
    while (performance.now() < end && this.#problemCount === 0) {
      const [least, most] = KILL_EVERY_MS
      await delay(least + this.#random.below(most - least))
      if (this.#random.oneIn(STOP_ONE_IN)) this.#stopOne()
      await this.#killOne()
      if (this.tally.kills === CANARY_AT_CHECK && this.#options.canary !== null) {
        plant(this.#options.canary, this.#dsm, this.#board)
      }
      this.#auditor.check()
    }
    await this.#end()
    const massacres = this.#options.canary === null ? 1 + seconds / MASSACRE_EVERY_SECONDS : 0
    while (this.tally.massacres < Math.floor(massacres)) {
      this.problems.push(...(await massacre(this.#backend, this.#mainRegionSize, this.#random)))
      this.tally.massacres++
    }
  }

  get #problemCount(): number {
    return this.problems.length + this.#auditor.problems.length
  }

  #spawn(): void {
    const selfKill = this.#random.oneIn(2)
    const options: ChurnOptions = {
      group: this.#group,
      board: this.#board.handle,
      seed: this.#random.fork(),
      threads: this.#random.below(THREADS_MAX + 1),
      dieAtStore: selfKill ? this.#random.magnitude(1, SELF_KILL_STORES_MAX) : 0,
      reopens: true,
      canary: this.#options.canary,
    }
    const args = [JSON.stringify(options)]
    const child = new Child('churn-child', { args, watchdogMs: WATCHDOG_MS })
    this.#children.add(child)
    this.#makers.add(child.pid)
    child.process.on('message', ({ problem }: Report) => {
      if (problem === null) this.#working.add(child)
      else this.#tell(child, options, problem)
    })
    child.ended.then(({ code, signal }) => {
      this.#children.delete(child)
      this.#working.delete(child)
      this.#auditor.died(child.pid)
      const asked = this.#killed.has(child) || (selfKill && signal === 'SIGKILL')
      if (!this.#killed.has(child) && asked) this.tally.selfKills++
      if (code === 0 || asked) return
      const words = child.stderr.join('')
      this.#tell(child, options, `ended by itself: code ${code}, signal ${signal}\n${words}`)
    })
  }

  #tell(child: Child, options: ChurnOptions, problem: string): void {
    const who = `${this.#backend}, process ${child.pid} (seed ${options.seed})`
    this.problems.push(`${who}: ${problem}`)
  }

  /** One dies, from outside or by itself; another takes its place. */
  async #killOne(): Promise<void> {
    const anybody = this.#random.oneIn(ANYBODY)
    const victim = this.#random.pick([...(anybody ? this.#children : this.#working)])
    if (victim !== undefined && this.#working.size >= WORKING_MIN) {
      this.#killed.add(victim)
      victim.kill()
      await victim.ended
      this.tally.kills++
    }
    while (this.#children.size < PROCESSES) this.#spawn()
  }

  /** Stopped is not dead: nobody may take its lock or slots. By a shell, for we may wait, too. */
  #stopOne(): void {
    const victim = this.#random.pick([...this.#working])
    if (victim === undefined) return
    const seconds = this.#random.below(STOP_MS_MAX) / 1000
    const script = `kill -STOP ${victim.pid}; sleep ${seconds}; kill -CONT ${victim.pid}`
    spawn('sh', ['-c', script], { stdio: 'ignore' })
    this.tally.stops++
  }

  async #end(): Promise<void> {
    const words = new Int32Array(this.#board.buffer)
    Atomics.store(words, BOARD.stop, 1)
    await this.#everybodyLeaves()
    for (let index = 0; index < OPERATIONS.length; index++) {
      this.tally.operations += words[BOARD.counts + index] ?? 0
    }
    this.tally.locksTakenOver = words[BOARD.recovered] ?? 0
    this.tally.longestCallMs = (words[BOARD.longestCallMicroseconds] ?? 0) / 1000
    await this.#allBuried()
    this.#unpinAll()
    this.#board.detach()
    const rest = this.#dsm.segments().map(({ handle, refcnt }) => `segment ${handle} (${refcnt})`)
    const { takeovers, recoveries, mainRegion } = this.#dsm.stats()
    this.tally.takeovers = takeovers
    this.tally.recoveries = recoveries
    const pages = mainRegion?.free ?? 0
    if (pages !== this.#freePages) rest.push(`${this.#freePages - pages} pages`)
    this.#dsm.close()
    const left = [...rest, ...this.#objects.list(this.#makers)]
    const directory = groupDirectory(this.#group)
    if (!isGone(directory)) left.push(directory)
    this.tally.leftovers = left.length
    this.problems.push(...left.map(name => `${this.#backend}: left behind: ${name}`))
    this.tally.checks = this.#auditor.checks
    this.tally.slowestSweepMs = this.#auditor.slowestSweep
    this.problems.push(...this.#auditor.problems.map(problem => `${this.#backend}: ${problem}`))
  }

  async #everybodyLeaves(): Promise<void> {
    const all = Promise.all([...this.#children].map(({ ended }) => ended))
    const late = delay(LEAVE_WITHIN_MS, 'late', { ref: false })
    if ((await Promise.race([all, late])) !== 'late') return
    for (const child of this.#children) {
      this.problems.push(`${this.#backend}: process ${child.pid} did not leave`)
      this.#killed.add(child)
      child.kill()
    }
    await all
  }

  /** Turns of this member's event loop, in which it sweeps, until nobody dead is named. */
  async #allBuried(): Promise<void> {
    for (this.#auditor.check(); this.#auditor.mourning; this.#auditor.check()) await delay(100)
  }

  #unpinAll(): void {
    for (const { handle, pinned } of this.#dsm.segments()) {
      if (pinned) this.#dsm.unpinSegment(handle)
    }
  }
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const problems: string[] = []
  const total: Record<string, number> = {}
  const backends = options.canary === null ? options.backends : (['posix'] as const)
  const runs = backends.flatMap(backend => REGIONS.map(region => ({ backend, region })))
  for (const { backend, region } of options.canary === null ? runs : runs.slice(0, 1)) {
    const mayhem = new Mayhem(options, backend, region)
    await mayhem.run(options.seconds / runs.length)
    problems.push(...mayhem.problems)
    for (const [name, value] of Object.entries(mayhem.tally)) {
      const worst = name.startsWith('longest') || name.startsWith('slowest')
      total[name] = worst ? Math.max(total[name] ?? 0, value) : (total[name] ?? 0) + value
    }
    options.say(`${backend}, main region ${region}: ${JSON.stringify(mayhem.tally)}`)
  }
  return { figures: { backends: backends.join('+'), ...readableNames(total) }, problems }
}

/** `slowestSweepMs` is "slowest sweep ms". */
function readableNames(figures: Record<string, number>): Record<string, number> {
  const readable = (name: string) => name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [readable(name), value]))
}

export const randomKill: Campaign = {
  name: 'random-kill',
  summary: 'members work and one is killed every few tens of ms: the others go on',
  defaults: { seconds: 60, cycles: 0 },
  short: { seconds: 15, cycles: 0 },
  canaries: ['orphan', 'lost', 'miscount', 'exit'],
  run,
}
