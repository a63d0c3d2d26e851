/**
 * Everything at once, for as long as asked: a group on each backend, in which processes and threads
 * do everything at random, come, go and are killed, and other campaigns beside them. Every few
 * seconds all rest, and what is there is counted: slots, pages and objects have to be as at the
 * start, exactly; descriptors, mappings and memory of those who were there all the time may not
 * grow beyond what V8 does on its own.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { type Holdings, holdings, settle } from '../../machine.js'
import { Random } from '../../random.js'
import { Neighbour } from './neighbour.js'
import { growthOf, type Reading, slopeOf } from './slope.js'
import { SoakedGroup } from './soaked-group.js'

const KILL_EVERY_MS = 150
const ROUND_MS = 2_500
const SHORT_ROUND_MS = 400
/** On a crowded machine the time may be over before there is a slope to speak of. */
const ROUNDS_MIN = 4
/** Of all readings, those that are not looked at: V8 compiles, and its heap finds its size. */
const WARM_UP_SHARE = 0.3
/** From the first reading that counts to the last, by the slope. */
const GROWTH_MAX: Readonly<Record<keyof Holdings, number>> = {
  descriptors: 2,
  mappings: 200,
  sharedMappings: 2,
  sharedMemory: 2 << 20,
  residentMemory: 32 << 20,
}
const WHAT = Object.keys(GROWTH_MAX) as (keyof Holdings)[]

class Soak {
  readonly problems: string[] = []
  rounds = 0
  readonly #options: CampaignOptions
  readonly #groups: readonly SoakedGroup[]
  readonly #started = performance.now()
  /** By who holds it. */
  readonly #taken = new Map<string, { at: number; holdings: Holdings }[]>()

  constructor(options: CampaignOptions) {
    this.#options = options
    this.#groups = options.backends.map(backend => new SoakedGroup(backend, options))
  }

  async run(): Promise<void> {
    const { seconds, short } = this.#options
    await Promise.all(this.#groups.map(({ joined }) => joined))
    const end = performance.now() + seconds * 1000
    while ((performance.now() < end || this.rounds < ROUNDS_MIN) && this.#all().length === 0) {
      await this.#work(performance.now() + (short ? SHORT_ROUND_MS : ROUND_MS))
      await this.#measure()
    }
    await Promise.all(this.#groups.map(group => group.end()))
    for (const [who] of this.#taken) this.#judge(who)
  }

  #all(): string[] {
    return [...this.problems, ...this.#groups.flatMap(({ problems }) => problems)]
  }

  async #work(until: number): Promise<void> {
    for (let turn = 0; performance.now() < until; turn++) {
      await delay(KILL_EVERY_MS)
      await this.#groups[turn % this.#groups.length]?.kill()
    }
  }

  async #measure(): Promise<void> {
    const taken = await Promise.all(this.#groups.map(group => group.rest()))
    await settle()
    this.#take('the one who looks on', holdings())
    taken.forEach((each, index) => {
      if (each !== null) this.#take(this.#groups[index]!.backend, each)
    })
    this.rounds++
    for (const group of this.#groups) group.wake()
  }

  #take(who: string, held: Holdings): void {
    const before = this.#taken.get(who) ?? []
    const at = (performance.now() - this.#started) / 1000
    this.#taken.set(who, [...before, { at, holdings: held }])
  }

  #readings(who: string, what: keyof Holdings): Reading[] {
    const all = this.#taken.get(who) ?? []
    return all
      .slice(Math.floor(all.length * WARM_UP_SHARE))
      .map(({ at, holdings }) => ({ at, value: holdings[what] }))
  }

  #judge(who: string): void {
    for (const what of WHAT) {
      const readings = this.#readings(who, what)
      const growth = growthOf(readings)
      const values = readings.map(({ value }) => value).join(', ')
      this.#options.say(`${who}, ${what}: ${values}`)
      if (growth > GROWTH_MAX[what]) {
        this.problems.push(`${who}: ${what} grew by ${growth.toFixed(1)}: ${values}`)
      }
    }
  }

  outcome(neighbour: Neighbour): Outcome {
    const sum = (of: (group: SoakedGroup) => number): number =>
      this.#groups.reduce((total, group) => total + of(group), 0)
    const steepest = (what: keyof Holdings): number =>
      60 * Math.max(0, ...[...this.#taken.keys()].map(who => slopeOf(this.#readings(who, what))))
    const figures = {
      backends: this.#options.backends.join('+'),
      seconds: (performance.now() - this.#started) / 1000,
      operations: sum(group => group.operations),
      kills: sum(group => group.kills),
      'campaigns beside': neighbour.runs,
      rounds: this.rounds,
      'descriptors per min': steepest('descriptors'),
      'mappings per min': steepest('mappings'),
      'shared mappings per min': steepest('sharedMappings'),
      'shared kB per min': steepest('sharedMemory') / 1024,
      'resident kB per min': steepest('residentMemory') / 1024,
    }
    return { figures, problems: [...this.#all(), ...neighbour.problems] }
  }
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const neighbour = new Neighbour(new Random(options.seed))
  const beside = options.canary === null ? neighbour.live() : Promise.resolve()
  const soak = new Soak(options)
  await soak.run()
  neighbour.stop()
  await beside
  return soak.outcome(neighbour)
}

export const soak: Campaign = {
  name: 'soak',
  summary: 'everything at once for as long as asked: nothing may grow, and nothing stay',
  defaults: { seconds: 600, cycles: 0 },
  short: { seconds: 4, cycles: 0 },
  canaries: ['descriptor', 'reference', 'memory'],
  run,
}
