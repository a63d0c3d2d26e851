/**
 * The small form of the model: every state within small bounds, and nothing wrong in any of them;
 * and the canaries: each slip has to be found, or the model has gone blind. It shows nothing about
 * the code, of which it is a reading: campaigns that kill the real thing are for that.
 */
import { describe, expect, it } from 'vitest'
import type { Result } from '../src/explorer.js'
import {
  checkJoinLeave,
  checkJoinSlip,
  checkSlotSlip,
  checkSlots,
  joinSlips,
  SMALL,
  slotSlips,
} from '../src/runs.js'

function expectComplete(name: string, result: Result): void {
  console.log(`${name}: ${result.states} states, depth ${result.depth}`)
  expect(result.violation, result.trace.join('\n')).toBeNull()
  expect(result.complete).toBe(true)
  expect(result.states).toBeGreaterThan(1000)
}

describe('the protocol, in every interleaving', () => {
  for (const [name, bounds] of Object.entries(SMALL)) {
    it(`keeps its promises with ${name}`, () => expectComplete(name, checkSlots(bounds)))
  }

  it('joins and leaves, three at a time, with a kill', () =>
    expectComplete('join/leave', checkJoinLeave(3, 1)))
})

describe('a slip is found', () => {
  for (const slip of slotSlips) {
    it(slip, () => expectFound(checkSlotSlip(slip)))
  }
  for (const slip of joinSlips) {
    it(slip, () => expectFound(checkJoinSlip(slip)))
  }
})

function expectFound(result: Result): void {
  expect(result.violation).not.toBeNull()
  expect(result.trace).toHaveLength(result.depth)
}
