/**
 * The program of the campaign `cuts`: a process in which one member is cut again and again, and
 * another one looks on. It ends early when a cut has left a member that nobody has a reference to.
 */

import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { childOptions } from '../../child.js'
import { holdings, settle } from '../../machine.js'
import { Random } from '../../random.js'
import { plant } from '../../random-kill-canaries.js'
import { type CutOptions, type CutReport, WAYS, type Way } from './cut-protocol.js'
import { Rounds } from './cut-round.js'
import { Stage } from './cut-stage.js'

/** How often each way is chosen, beside the others. */
const SHARES: Readonly<Record<Way, number>> = {
  store: 21,
  timeout: 26,
  exception: 23,
  stack: 8,
  callback: 9,
  allocation: 9,
  thread: 2,
  lock: 1,
  name: 1,
}
const UNREACHABLE_MAX = 2
const CANARY_AT_ROUND = 3

const options = childOptions<CutOptions>()
const random = new Random(options.seed)
const counters = (): Record<Way, number> =>
  Object.fromEntries(WAYS.map(way => [way, 0])) as Record<Way, number>
const rounds = counters()
const cuts = counters()

const allShares = options.ways.reduce((sum, way) => sum + SHARES[way], 0)

function choose(): Way {
  let share = random.below(allShares)
  for (const way of options.ways) {
    share -= SHARES[way]
    if (share < 0) return way
  }
  throw new RangeError('no way is to be chosen')
}

const stage = new Stage(options)
const round = new Rounds(stage, options, random)
/** V8 maps and unmaps on its own; ours are told by their names. */
const ours = (): number => readFileSync('/proc/self/maps', 'utf8').match(/dsm\.|SYSV/g)?.length ?? 0

const before = { ...holdings(), mappings: ours() }
const end = performance.now() + options.milliseconds
for (let n = 0; performance.now() < end && stage.problems.length === 0; n++) {
  const way = choose()
  const { what, cut } = await round.run(way)
  rounds[way]++
  if (cut) cuts[way]++
  if (n === CANARY_AT_ROUND && options.canary !== null) {
    plant(options.canary, stage.other, stage.kept)
  }
  await turn()
  stage.mend(`round ${n}, ${way}, ${what}`)
  if (stage.unreachable >= UNREACHABLE_MAX) break
}
const { unreachable, problems } = stage
const { reconciled } = stage.other.stats()
await settle()
const after = { ...holdings(), mappings: ours() }
if (problems.length === 0) stage.close()
await settle()
if (problems.length === 0 && unreachable === 0) {
  problems.push(...stage.left().map(name => `left behind: ${name}`))
}
const report: CutReport = {
  problems,
  rounds,
  cuts,
  reconciled,
  unreachable,
  descriptorsGrown: after.descriptors - before.descriptors,
  mappingsGrown: after.mappings - before.mappings,
}
process.send?.(report, () => process.exit(0))
