/**
 * A real machine being nasty: memory that is full, processes that are stopped, forked, aborted,
 * dead and not reaped, pids that are used again, PID namespaces, objects that somebody else
 * removes. One scene for each, `cycles` times, or for as long as asked. What a scene needs and the
 * machine lacks is named, not skipped in silence.
 */
import type { Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { Child } from '../../child.js'
import { groupDirectory, isGone } from '../../machine.js'
import { Random } from '../../random.js'
import type { Scene } from './scene.js'
import { scenes } from './scenes.js'
import type { StageOptions } from './stage.js'

const WATCHDOG_MS = 60_000
/** Most of the time is waiting for a sweep or a start. */
const AT_ONCE = 3
/** Of a line that says how far it is. */
const PLAYS_BETWEEN = 150

/** Which scenes a canary is put into. */
const CANARY_SCENES: Readonly<Record<string, readonly string[]>> = {
  pid: ['zombie'],
  steal: ['stopped holder'],
}

class Plays {
  readonly problems: string[] = []
  played = 0
  readonly #options: CampaignOptions
  readonly #random: Random
  #groups = 0

  constructor(options: CampaignOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  async play(scene: Scene): Promise<void> {
    const { canary } = this.#options
    const group = `machine-${process.pid}-${++this.#groups}`
    const seed = this.#random.fork()
    const options: StageOptions = { scene: scene.name, group, seed, canary }
    const child = new Child('campaigns/machine/stage-child', {
      args: [JSON.stringify(options)],
      watchdogMs: WATCHDOG_MS,
      command: scene.within ?? [],
    })
    const problems = await child.message<string[]>().catch((error: Error) => [error.message])
    await child.ended
    if (canary === null && !isGone(groupDirectory(group))) problems.push('its group is left')
    this.played++
    this.problems.push(...problems.map(problem => `${scene.name} (seed ${seed}): ${problem}`))
  }

  /** Every scene so often, or for so long, some at once. */
  async all(playable: readonly Scene[]): Promise<void> {
    const { seconds, cycles, say } = this.#options
    const end = performance.now() + seconds * 1000
    let next = 0
    const over = () =>
      seconds > 0 ? performance.now() > end : next >= Math.max(1, cycles) * playable.length
    const player = async (): Promise<void> => {
      while (!over() && this.problems.length === 0) {
        const scene = playable[next++ % playable.length]
        if (scene !== undefined) await this.play(scene)
        if (this.played % PLAYS_BETWEEN === 0) say(`${this.played} plays`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, player))
  }
}

async function run(options: CampaignOptions): Promise<Outcome> {
  const { canary, operations } = options
  const asked = canary === null ? operations : CANARY_SCENES[canary]
  const chosen = scenes.filter(({ name }) => asked?.includes(name) ?? true)
  const lacking = chosen.flatMap(({ name, needs }) => {
    const reason = needs?.() ?? null
    return reason === null ? [] : [{ name, reason }]
  })
  const playable = chosen.filter(({ name }) => !lacking.some(other => other.name === name))
  const plays = new Plays(canary === null ? options : { ...options, seconds: 0, cycles: 1 })
  await plays.all(playable)
  const notRun = lacking.map(({ name, reason }) => `${name} (${reason})`)
  const figures = { scenes: playable.length, played: plays.played, 'not run': notRun.length }
  return { figures, problems: plays.problems, notRun }
}

export const machine: Campaign = {
  name: 'machine',
  summary: 'a real machine being nasty, scene by scene: full, stopped, forked, reused, removed',
  defaults: { seconds: 0, cycles: 500 },
  short: { seconds: 0, cycles: 1 },
  operations: scenes.map(({ name }) => name),
  canaries: Object.keys(CANARY_SCENES),
  run,
}
