/**
 * Thousands of times: create here, attach in another process, detach in both. What two processes
 * hold is measured after a warm-up and at the end: descriptors, mappings, memory, slots of the
 * control segment, objects. Nothing may grow with the number of cycles.
 */
import { once } from 'node:events'
import { type Dsm, openDsm } from '@dsm/core'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { Child } from '../child.js'
import { ANSWER, type EchoReply, type EchoRequest } from '../echo-protocol.js'
import { groupDirectory, type Holdings, holdings, isGone, Objects, settle } from '../machine.js'
import { Random } from '../random.js'

const SIZE_MAX = 1 << 18
const WATCHDOG_MS = 600_000
const WARM_UP_PART = 10
/** V8 maps and unmaps on its own; a leak is one for each cycle. */
const MAPPINGS_GROWTH_MAX = 32
const MAPPINGS_GROWTH_PART = 50
const SHARED_GROWTH_MAX = 1 << 20
const MEMORY_GROWTH_MAX = 24 << 20

interface Reading {
  readonly here: Holdings
  readonly there: Holdings
  readonly slots: number
  readonly objects: number
}

class Cycles {
  readonly problems: string[] = []
  readonly #options: CampaignOptions
  readonly #backend: Backend
  readonly #random: Random
  readonly #group: string
  readonly #dsm: Dsm
  readonly #child: Child
  #objects: Objects | null = null

  constructor(options: CampaignOptions, backend: Backend) {
    this.#options = options
    this.#backend = backend
    this.#random = new Random(options.seed)
    this.#group = `cycles-${backend}-${process.pid}`
    this.#dsm = openDsm({ name: this.#group, impl: backend })
    const args = [JSON.stringify({ group: this.#group, canary: options.canary })]
    this.#child = new Child('echo-child', { args, watchdogMs: WATCHDOG_MS })
  }

  async run(): Promise<void> {
    try {
      await this.#run()
    } catch (error) {
      this.problems.push(`${this.#backend}: ${(error as Error).stack}`)
      this.#child.kill()
      this.#dsm.close()
    }
  }

  async #run(): Promise<void> {
    const { cycles, say } = this.#options
    await this.#child.message()
    await this.#turns(Math.max(20, Math.ceil(cycles / WARM_UP_PART)))
    const before = await this.#measure()
    await this.#turns(cycles)
    const after = await this.#measure()
    this.#compare(before, after)
    await this.#leave()
    say(`${this.#backend}: ${cycles} cycles${table(before, after)}`)
  }

  async #turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await this.#turn()
  }

  async #turn(): Promise<void> {
    const segment = this.#dsm.create(this.#random.magnitude(1, SIZE_MAX))
    const { handle, bytes } = segment
    this.#objects ??= new Objects(this.#backend, segment.osName ?? '')
    bytes[bytes.length - 1] = (handle >>> 8) & 0xff
    bytes[0] = handle & 0xff
    const { problem } = await this.#ask<EchoReply>({ kind: 'attach', handle })
    if (problem !== null) this.problems.push(`${this.#backend}: ${problem}`)
    if (bytes[0] !== ANSWER) this.problems.push(`${this.#backend}: no answer in ${handle}`)
    segment.detach()
  }

  #ask<T>(request: EchoRequest): Promise<T> {
    const reply = this.#child.message<T>()
    this.#child.send(request)
    return reply
  }

  async #measure(): Promise<Reading> {
    await settle()
    const there = await this.#ask<Holdings>({ kind: 'measure' })
    const slots = this.#dsm.segments().length
    const objects = this.#objects?.list(new Set([process.pid])).size ?? 0
    return { here: holdings(), there, slots, objects }
  }

  #compare(before: Reading, after: Reading): void {
    const check = (what: string, from: number, to: number, growthMax: number): void => {
      if (to - from <= growthMax) return
      this.problems.push(`${this.#backend}: ${what} went from ${from} to ${to}`)
    }
    check('slots in use', before.slots, after.slots, 0)
    check('objects', before.objects, after.objects, 0)
    for (const side of ['here', 'there'] as const) {
      const [from, to] = [before[side], after[side]]
      const mappings = MAPPINGS_GROWTH_MAX + this.#options.cycles / MAPPINGS_GROWTH_PART
      check(`descriptors ${side}`, from.descriptors, to.descriptors, 0)
      check(`mappings ${side}`, from.mappings, to.mappings, mappings)
      check(`shared memory ${side}`, from.sharedMemory, to.sharedMemory, SHARED_GROWTH_MAX)
      check(`memory ${side}`, from.residentMemory, to.residentMemory, MEMORY_GROWTH_MAX)
    }
  }

  /** Both leave; then nothing of the group may be there. */
  async #leave(): Promise<void> {
    const ended = once(this.#child.process, 'exit')
    this.#child.send({ kind: 'leave' } satisfies EchoRequest)
    const [code, signal] = await ended
    if (code !== 0) this.problems.push(`${this.#backend}: the child ended ${code ?? signal}`)
    this.#dsm.close()
    const left = this.#objects?.list(new Set([process.pid, this.#child.pid])) ?? []
    const files = [groupDirectory(this.#group)].filter(path => !isGone(path))
    for (const name of [...left, ...files]) {
      this.problems.push(`${this.#backend}: left behind: ${name}`)
    }
  }
}

function table(before: Reading, after: Reading): string {
  const rows: [string, number, number][] = [
    ['slots', before.slots, after.slots],
    ['objects', before.objects, after.objects],
  ]
  for (const side of ['here', 'there'] as const) {
    for (const [what, from] of Object.entries(before[side])) {
      rows.push([`${what} ${side}`, from, after[side][what as keyof Holdings]])
    }
  }
  return rows.map(([what, from, to]) => `\n  ${what.padEnd(24)} ${from} → ${to}`).join('')
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const problems: string[] = []
  const started = performance.now()
  for (const backend of options.backends) {
    const cycles = new Cycles(options, backend)
    await cycles.run()
    problems.push(...cycles.problems)
  }
  const seconds = (performance.now() - started) / 1000
  const { cycles, backends } = options
  const figures = { backends: backends.join('+'), 'cycles each': cycles, seconds }
  return { figures, problems }
}

export const cycles: Campaign = {
  name: 'cycles',
  summary: 'create, attach in another process, detach: nothing may grow',
  defaults: { seconds: 0, cycles: 10_000 },
  short: { seconds: 0, cycles: 300 },
  canaries: ['attachment', 'descriptor', 'memory'],
  run,
}
