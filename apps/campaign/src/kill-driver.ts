/**
 * The program of `kill-states` and `double-kill`: makes groups, forks victims and looks at what
 * they leave, one after the other. All members of a group are here, and none has a timer.
 */
import { childOptions } from './child.js'
import { Ground } from './kill/ground.js'
import { pairsOf } from './kill/pairs.js'
import { everyState } from './kill/states.js'
import type { DriverOptions, Report, Unit } from './kill/work.js'
import { Random } from './random.js'

const { seed, canary } = childOptions<DriverOptions>()
// Sweeping is done when it is its turn. In a victim that is forked from here, the timers of our
// members would find no memory.
const never = { unref: () => never, ref: () => never }
globalThis.setInterval = (() => never) as unknown as typeof setInterval

const random = new Random(seed)
const ground = new Ground()
process.on('exit', () => ground.remove())

const work = (unit: Unit): Promise<Report> =>
  unit.type === 'states'
    ? everyState(unit, ground, random, canary)
    : pairsOf(unit, ground, random, canary)

process.on('message', async (unit: Unit | null) => {
  if (unit === null) process.exit(0)
  else process.send?.(await work(unit))
})
