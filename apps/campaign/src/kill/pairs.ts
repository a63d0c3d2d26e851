/**
 * Two deaths: the first in the middle of an operation, the second in the middle of dealing with the
 * first. A third one then finds everything right.
 */
import type { Random } from '../random.js'
import { Execution } from './execution.js'
import type { Ground } from './ground.js'
import type { Death } from './probe.js'
import { statesOf } from './states.js'
import type { PairsUnit, Report } from './work.js'

/** Few seconds come to more points. */
const SECOND_POINTS_SAMPLED = 90

export async function pairsOf(
  unit: PairsUnit,
  ground: Ground,
  random: Random,
  canary: string | null,
): Promise<Report> {
  const { backend, regionBytes } = unit
  const kind = { backend, regionBytes, group: 'busy' } as const
  const rehearsal = new Execution({ ...kind, operation: unit.first }, ground, random, null)
  const whole = await rehearsal.kill(0)
  await rehearsal.end()
  const execution = new Execution({ ...kind, operation: unit.second }, ground, random, canary)
  const points = distinct(whole, rehearsal.names(whole))
  const task = new Task(unit, execution, points)
  if (unit.pairs === null) await task.all()
  else await task.some(random)
  await execution.end()
  return {
    kinds: 1,
    complete: task.complete ? 1 : 0,
    points: task.pairs,
    states: points.length,
    kills: execution.kills,
    problems: [...rehearsal.problems, ...execution.problems],
  }
}

/** The first point at each state that others can find. */
function distinct(death: Death, names: readonly string[]): number[] {
  const states = statesOf(death, names)
  return states.flatMap((state, index) => (states.indexOf(state) === index ? [index + 1] : []))
}

class Task {
  pairs = 0
  complete = false
  readonly #unit: PairsUnit
  readonly #execution: Execution
  readonly #points: readonly number[]

  constructor(unit: PairsUnit, execution: Execution, points: readonly number[]) {
    this.#unit = unit
    this.#execution = execution
    this.#points = points
  }

  async all(): Promise<void> {
    for (const killAt of this.#points) {
      const first = { operation: this.#unit.first, killAt }
      for (let second = 1; ; second++) {
        if (this.#isOver()) return
        if ((await this.#execution.kill(second, first)).survived) break
        this.pairs++
      }
    }
    this.complete = true
  }

  async some(random: Random): Promise<void> {
    while (this.pairs < (this.#unit.pairs ?? 0) && !this.#isOver()) {
      const first = { operation: this.#unit.first, killAt: random.pick(this.#points) ?? 1 }
      const death = await this.#execution.kill(1 + random.below(SECOND_POINTS_SAMPLED), first)
      if (!death.survived) this.pairs++
    }
    this.complete = true
  }

  #isOver(): boolean {
    return Date.now() > this.#unit.until
  }
}
