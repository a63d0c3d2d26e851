/**
 * Two processes create, attach, pin, unpin and detach at random, with callbacks, in a group with a
 * main region; after every step all reference counts, pins, sizes, handles, callbacks and pages in
 * use are compared with a model. `cycles` counts the segments that are created.
 */
import { openDsm } from '@dsm/core'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { Child } from '../child.js'
import { GroupModel, type ModelSegment } from '../group-model.js'
import { groupDirectory, isGone } from '../machine.js'
import { Hand, type HandReply, type HandRequest } from '../model-hand.js'
import { Random } from '../random.js'

const WATCHDOG_MS = 1_800_000
const MAIN_REGION_BYTES = 1 << 21
const SEGMENTS_MAX = 24
const SIZE_MAX = 200_000
const PROBLEMS_MAX = 5
const HERE = 0
const THERE = 1

class ModelRun {
  readonly problems: string[] = []
  steps = 0
  readonly #options: CampaignOptions
  readonly #random: Random
  readonly #model = new GroupModel()
  readonly #group: string
  readonly #dsm
  readonly #hand: Hand
  readonly #child: Child

  constructor(options: CampaignOptions, backend: Backend) {
    this.#options = options
    this.#random = new Random(options.seed)
    this.#group = `model-${backend}-${process.pid}`
    this.#dsm = openDsm({
      name: this.#group,
      impl: backend,
      mainRegionSize: MAIN_REGION_BYTES,
      maxSegments: SEGMENTS_MAX + 1,
    })
    this.#hand = new Hand(this.#dsm, null)
    const args = [JSON.stringify({ group: this.#group, canary: options.canary })]
    this.#child = new Child('model-child', { args, watchdogMs: WATCHDOG_MS })
  }

  async run(): Promise<void> {
    try {
      await this.#child.message()
      for (let created = 0; created < this.#options.cycles && !this.#tooMany; ) {
        const request = this.#next()
        if (request.kind === 'create') created++
        await this.#step(this.#random.below(2), request)
      }
      await this.#leave()
    } catch (error) {
      this.problems.push((error as Error).stack ?? String(error))
      this.#child.kill()
      this.#dsm.close()
    }
  }

  get #tooMany(): boolean {
    return this.problems.length >= PROBLEMS_MAX
  }

  #next(): HandRequest {
    const one = this.#random.pick([...this.#model.segments.values()])
    const kinds = ['create', 'attach', 'detach', 'detach', 'listen', 'pin', 'unpin'] as const
    const kind = this.#random.pick(kinds) ?? 'create'
    if (one === undefined || kind === 'create') {
      const size = this.#random.magnitude(1, SIZE_MAX)
      return { kind: 'create', size, ownObject: this.#random.oneIn(4) }
    }
    return { kind, handle: one.handle }
  }

  async #step(who: number, request: HandRequest): Promise<void> {
    const segment = 'handle' in request ? this.#model.segments.get(request.handle) : undefined
    if (segment && !isPossible(request.kind, segment, who)) return
    this.steps++
    const reply = await this.#act(who, request)
    if (reply.problem !== null) this.problems.push(reply.problem)
    this.#record(who, request, reply)
    const found = this.#model.differences(this.#dsm.segments(), this.#dsm.stats())
    this.problems.push(...found.map(each => `step ${this.steps}, ${request.kind}: ${each}`))
  }

  async #act(who: number, request: HandRequest): Promise<HandReply> {
    if (who === HERE) return this.#hand.do(request)
    const reply = this.#child.message<HandReply>()
    this.#child.send(request)
    return await reply
  }

  #record(who: number, request: HandRequest, { handle, ran }: HandReply): void {
    if (request.kind === 'create') this.#recordCreate(who, request.size, handle)
    if (request.kind === 'attach') this.#model.attached(who, request.handle)
    if (request.kind === 'listen') this.#model.listened(who, request.handle)
    if (request.kind === 'pin') this.#model.pinned(request.handle, true)
    if (request.kind === 'unpin') this.#model.pinned(request.handle, false)
    if (request.kind !== 'detach') return
    const wanted = this.#model.detached(who, request.handle)
    if (String(ran) !== String(wanted)) this.problems.push(`callbacks ${ran} ran, not ${wanted}`)
  }

  /** One slot is the main region's. */
  #recordCreate(who: number, size: number, handle: number): void {
    const full = this.#model.segments.size === SEGMENTS_MAX
    if ((handle === 0) !== full) {
      this.problems.push(`create gave ${handle} with ${this.#model.segments.size} segments`)
    }
    const problem = handle === 0 ? null : this.#model.created(who, handle, size)
    if (problem !== null) this.problems.push(problem)
  }

  async #leave(): Promise<void> {
    await this.#act(THERE, { kind: 'leave' })
    await this.#child.ended
    this.#dsm.close()
    if (!isGone(groupDirectory(this.#group))) this.problems.push('the group is left behind')
  }
}

/** What would be an error is another test's: here every step has to succeed. */
function isPossible(kind: HandRequest['kind'], segment: ModelSegment, who: number): boolean {
  const holds = segment.holders.has(who)
  if (kind === 'attach') return !holds
  if (kind === 'unpin') return segment.pinned
  if (kind === 'pin') return holds && !segment.pinned
  return holds
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const problems: string[] = []
  let steps = 0
  const started = performance.now()
  for (const backend of options.backends) {
    const one = new ModelRun(options, backend)
    await one.run()
    steps += one.steps
    problems.push(...one.problems.map(problem => `${backend}: ${problem}`))
  }
  const seconds = (performance.now() - started) / 1000
  const { backends, cycles } = options
  return {
    figures: { backends: backends.join('+'), 'segments each': cycles, steps, seconds },
    problems,
  }
}

export const model: Campaign = {
  name: 'model',
  summary: 'two processes at random, compared with a model after every step',
  defaults: { seconds: 0, cycles: 100_000 },
  short: { seconds: 0, cycles: 400 },
  canaries: ['detach', 'unpin', 'pin', 'listen'],
  run,
}
