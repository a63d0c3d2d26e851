/**
 * The command: `npm run check -- --members 3 --kills 2` searches larger bounds than `npm test`
 * does, `--join` the join/leave model, `--slip <name>` prints the shortest interleaving in which
 * that slip shows. It ends with 1 if a violation was found. No protocol stands here.
 */
import { parseArgs } from 'node:util'
import type { Result } from './explorer.js'
import {
  checkJoinLeave,
  checkJoinSlip,
  checkSlotSlip,
  checkSlots,
  joinSlips,
  slotSlips,
} from './runs.js'

const { values } = parseArgs({
  args: process.argv.slice(2).filter(word => word !== '--'),
  options: {
    members: { type: 'string', default: '2' },
    slots: { type: 'string', default: '1' },
    names: { type: 'string' },
    kills: { type: 'string', default: '1' },
    cuts: { type: 'string', default: '0' },
    foreign: { type: 'string', default: '0' },
    lives: { type: 'string', default: '1' },
    slip: { type: 'string' },
    join: { type: 'boolean', default: false },
  },
})

const result = run()
console.log(result.trace.join('\n'))
const { states, transitions, depth, complete, violation } = result
const end = complete ? 'complete' : 'stopped'
console.log(`${states} states, ${transitions} transitions, depth ${depth}, ${end}`)
console.log(violation === null ? 'no violation' : `VIOLATION: ${violation}`)
process.exitCode = violation === null ? 0 : 1

function run(): Result {
  const { slip, join, ...bounds } = values
  if (slip !== undefined) return runSlip(slip)
  const { members, slots, names, kills, cuts, foreign, lives } = bounds
  if (join) return checkJoinLeave(atMost(members, 3), atMost(kills, 255))
  return checkSlots({
    members: atMost(members, 3),
    slots: atMost(slots, 3),
    names: atMost(names ?? slots, 3),
    kills: atMost(kills, 255),
    cuts: atMost(cuts, 255),
    foreign: atMost(foreign, 255),
    lives: atMost(lives, 14),
  })
}

function runSlip(name: string): Result {
  const ofSlots = slotSlips.find(slip => slip === name)
  if (ofSlots !== undefined) return checkSlotSlip(ofSlots)
  const ofJoin = joinSlips.find(slip => slip === name)
  if (ofJoin !== undefined) return checkJoinSlip(ofJoin)
  throw new Error(`no such slip; there are: ${[...slotSlips, ...joinSlips].join(', ')}`)
}

/** What fits into the bytes of a state. */
function atMost(text: string, most: number): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 0 && count <= most) return count
  throw new Error(`${text} is not a whole number up to ${most}`)
}
