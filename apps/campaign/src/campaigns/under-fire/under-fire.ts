/**
 * The promise as one figure: while one member is killed every 50 ms, four others create, attach
 * and detach without one call that fails or hangs. Nothing else happens, so that the longest call
 * is what a death costs the others, on a machine with as many busy processes as processors or more.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openDsm } from '@dsm/core'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { Child } from '../../child.js'
import { needs } from '../../kill/probe.js'
import { groupDirectory, isGone, Objects } from '../../machine.js'
import { warningsTo } from '../../warnings.js'
import { BOARD, type FireOptions, type FireReport, WORKERS } from './protocol.js'

const REGION_BYTES = 1 << 20
/** Nobody's call takes so long on any machine: it would have thrown DSM_LOCK_TIMEOUT by then. */
const HUNG_AFTER_MS = 20_000
const LOOK_MS = 100
const LEAVE_WITHIN_MS = 20_000
const SWEPT_WITHIN_MS = 10_000
const CANARY_WITHIN_MS = 3_000
const WATCHDOG_MS = 24 * 3600 * 1000
/** The gunner forks, and what V8 does in other threads would be missing in the child. */
const SINGLE_THREADED = ['--single-threaded', '--v8-pool-size=0']

interface Tally {
  kills: number
  calls: number
  failed: number
  hung: number
  longestCallMs: number
}

class Fire {
  readonly problems: string[] = []
  readonly tally: Tally = { kills: 0, calls: 0, failed: 0, hung: 0, longestCallMs: 0 }
  readonly #backend: Backend
  readonly #canary: string | null
  readonly #seed: number
  readonly #group = `under-fire-${process.pid}`
  readonly #dsm
  readonly #board
  readonly #words: Int32Array
  readonly #objects: Objects
  readonly #children: Child[] = []

  constructor(backend: Backend, { canary, seed }: CampaignOptions) {
    this.#backend = backend
    this.#seed = seed
    this.#canary = canary
    this.#dsm = openDsm({
      name: this.#group,
      impl: backend,
      mainRegionSize: REGION_BYTES,
      lockTimeoutMs: canary === null ? 5_000 : 300,
      logger: warningsTo(problem => this.#tell(problem)),
    })
    this.#board = this.#dsm.create(BOARD.words * 4, { ownObject: true })
    this.#words = new Int32Array(this.#board.buffer)
    this.#objects = new Objects(backend, this.#board.osName ?? '')
  }

  async run(milliseconds: number): Promise<void> {
    const workers = Array.from({ length: WORKERS }, (_, place) => this.#start('worker', place))
    await Promise.all(workers.map(worker => this.#joined(worker)))
    const gunner = this.#start('gunner', -1)
    await this.#watch(performance.now() + milliseconds)
    await this.#ceaseFire(gunner)
    this.#words[BOARD.stop] = 1
    await this.#everybodyLeaves()
    await this.#nothingIsLeft()
  }

  #tell(problem: string): void {
    this.problems.push(`${this.#backend}: ${problem}`)
  }

  #start(program: 'worker' | 'gunner', place: number): Child {
    const options: FireOptions = {
      group: this.#group,
      board: this.#board.handle,
      place,
      seed: this.#seed,
      canary: this.#canary,
    }
    const child = new Child(`campaigns/under-fire/${program}`, {
      args: [JSON.stringify(options)],
      nodeArgs: program === 'gunner' ? SINGLE_THREADED : [],
      watchdogMs: WATCHDOG_MS,
    })
    this.#children.push(child)
    return child
  }

  async #joined(worker: Child): Promise<void> {
    const { problem } = await worker.message<FireReport>()
    if (problem !== null) this.#tell(problem)
    worker.process.on('message', ({ problem }: FireReport) => this.#tell(problem ?? 'joined twice'))
  }

  /** Everybody's count of calls has to go up. */
  async #watch(end: number): Promise<void> {
    const seen = Array.from({ length: WORKERS }, () => ({ calls: -1, since: 0 }))
    while (performance.now() < end && this.problems.length === 0) {
      await delay(LOOK_MS)
      const now = performance.now()
      seen.forEach((last, place) => {
        const calls = Atomics.load(this.#words, BOARD.calls + place)
        if (calls !== last.calls) Object.assign(last, { calls, since: now })
        else if (now - last.since > HUNG_AFTER_MS) {
          this.tally.hung++
          this.#tell(`worker ${place} is in one call for ${HUNG_AFTER_MS} ms`)
        }
      })
    }
  }

  async #ceaseFire(gunner: Child): Promise<void> {
    gunner.send('cease')
    try {
      const { shots, problem } = await gunner.message<{ shots: number; problem: string | null }>()
      this.tally.kills = shots
      if (problem !== null) this.#tell(`${problem} ${gunner.stderr.join('')}`)
    } catch (error) {
      this.#tell(`the gunner: ${(error as Error).message}`)
    }
  }

  async #everybodyLeaves(): Promise<void> {
    const late = setTimeout(() => {
      this.#tell('somebody did not leave')
      for (const child of this.#children) child.kill()
    }, LEAVE_WITHIN_MS)
    const endings = await Promise.all(this.#children.map(({ ended }) => ended))
    clearTimeout(late)
    endings.forEach(({ code, signal }, index) => {
      if (code === 0) return
      const words = this.#children[index]?.stderr.join('')
      this.#tell(`process ${index} ended with ${code ?? signal}: ${words}`)
    })
    for (let place = 0; place < WORKERS; place++) {
      this.tally.calls += this.#words[BOARD.calls + place] ?? 0
    }
    this.tally.failed = this.#words[BOARD.failed] ?? 0
    this.tally.longestCallMs = (this.#words[BOARD.longestCallMicroseconds] ?? 0) / 1000
  }

  async #nothingIsLeft(): Promise<void> {
    if (this.#canary === 'kept') this.#dsm.create(1).pin()
    const withinMs = this.#canary === null ? SWEPT_WITHIN_MS : CANARY_WITHIN_MS
    const deadline = performance.now() + withinMs
    const others = () => this.#dsm.segments().length + this.#dsm.members().length - 2
    try {
      while (others() > 0 && performance.now() < deadline) await delay(LOOK_MS)
      if (others() > 0) this.#tell(`${others()} segments or members of the dead are left`)
    } catch (error) {
      this.#tell(`a last look threw: ${(error as Error).stack}`)
    }
    this.#dsm.close()
    const makers = new Set([process.pid, ...this.#children.map(({ pid }) => pid)])
    for (const name of this.#objects.list(makers)) this.#tell(`left behind: ${name}`)
    if (!isGone(groupDirectory(this.#group))) this.#tell('the group is left behind')
  }
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const { backends, seconds, say } = options
  const why = needs()
  if (why !== null) return { figures: {}, problems: [`it cannot run here: ${why}`] }
  const total: Tally = { kills: 0, calls: 0, failed: 0, hung: 0, longestCallMs: 0 }
  const problems: string[] = []
  for (const backend of backends) {
    const fire = new Fire(backend, options)
    await fire.run((seconds * 1000) / backends.length)
    const { tally } = fire
    for (const name of ['kills', 'calls', 'failed', 'hung'] as const) total[name] += tally[name]
    total.longestCallMs = Math.max(total.longestCallMs, tally.longestCallMs)
    problems.push(...fire.problems)
    say(`${backend}: ${JSON.stringify(tally)}`)
  }
  const { longestCallMs, ...counted } = total
  const figures = { backends: backends.join('+'), ...counted, 'longest call ms': longestCallMs }
  return { figures, problems }
}

export const underFire: Campaign = {
  name: 'under-fire',
  summary: 'one member is killed every 50 ms: four others go on without a call that fails',
  defaults: { seconds: 180, cycles: 0 },
  short: { seconds: 6, cycles: 0 },
  needs,
  canaries: ['stopped', 'kept'],
  run,
}
