/**
 * The protocol of the lock word, by a random walk over interleavings, kills, cuts and rebirths
 * (word-simulation.ts), and the proof that the walk sees: slips seeded in the source are found.
 * The seed is printed; SEED=<number> repeats a run.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as Oracle from '../src/death-oracle.js'
import type { LockFile } from '../src/lock-file.js'
import * as token from '../src/token.js'
import { compile, type Slip } from './from-source.js'
import { Simulation } from './word-simulation.js'

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
console.log(`SEED=${seed}`)

const tapes = fc.array(fc.nat(0xffff), { minLength: 50, maxLength: 400, size: 'max' })
const shortSpin: Slip = ['const SPINS = 100', 'const SPINS = 2']

/** What went wrong first, or null. */
function walk(histories: number, slips: readonly Slip[] = []) {
  const totals = { taken: 0, recovered: 0, timeouts: 0, slept: 0 }
  const code = compile('lock-word.ts', [shortSpin, ...slips])
  const property = fc.property(tapes, tape => {
    const simulation = new Simulation(tape, code)
    simulation.run()
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) {
      totals[key] += simulation.outcomes[key]
    }
  })
  const details = fc.check(property, { seed, numRuns: histories, endOnFailure: true })
  return { failure: details.errorInstance, tape: details.counterexample, totals }
}

test(`2,000 random histories of 4 members break no rule (SEED=${seed})`, () => {
  const { failure, tape, totals } = walk(2000)
  if (tape !== null) throw new Error(`tape ${JSON.stringify(tape)}`, { cause: failure })
  // The walk went where it was to go.
  for (const visits of Object.values(totals)) expect(visits).toBeGreaterThan(500)
})

interface Seeded {
  readonly name: string
  readonly slips: readonly Slip[]
  readonly finding: RegExp
}

const robbed = /member \w+ stored \w+ over/

const seeded: readonly Seeded[] = [
  {
    name: 'a lock is taken over after a time-out, its owner living',
    slips: [['(ask && oracle.isDead(owner))', 'ask']],
    finding: robbed,
  },
  {
    name: 'release wakes nobody',
    slips: [["wake(words, index, 1)\n}\n\n/** 'busy'", "}\n\n/** 'busy'"]],
    finding: /lost wake-up/,
  },
  {
    name: 'a waiter that acquires forgets the others',
    slips: [['const mine = token | WAITERS', 'const mine = token']],
    finding: /lost wake-up/,
  },
  {
    name: 'the owner is asked about itself',
    slips: [
      ["if (owner === token) return 'own'", ''],
      ['memberOf(owner) === memberOf(token) ||', ''],
    ],
    finding: /was asked about itself/,
  },
  {
    name: 'takeover without comparing the exact old word',
    slips: [
      [
        'return Atomics.compareExchange(words, index, word, mine) === word ? ',
        'return Atomics.exchange(words, index, mine) !== 0 ? ',
      ],
    ],
    finding: /member \w+ stored \w+ over|own, but it was/,
  },
  {
    name: 'the generation is ignored: an owner in my place is me',
    slips: [
      [
        "if (owner === token) return 'own'",
        "if (memberOf(owner) === memberOf(token)) return 'own'",
      ],
    ],
    finding: /own, but not the owner/,
  },
  {
    name: 'a time-out without having asked',
    slips: [
      ['else if (ask) throw', 'else throw'],
      ['    else ask = true // never given up without having asked\n', ''],
    ],
    finding: /gave up on a dead owner/,
  },
  {
    name: 'a dead owner is given up on because another waiter marked the word',
    slips: [["=== word ? 'recovered' : 'changed'", "=== word ? 'recovered' : 'busy'"]],
    finding: /gave up on a dead owner/,
  },
  {
    name: 'release by plain exchange, whoever the owner is',
    slips: [
      [
        'if (Atomics.compareExchange(words, index, token, 0) !== token) {',
        'if (Atomics.exchange(words, index, 0) !== token) {',
      ],
    ],
    finding: /which is not its releaser/,
  },
  {
    name: 'the lock of a cut section is simply freed',
    slips: [['const left = predecessorOf(token)', 'const left = 0']],
    finding: /which names no owner/,
  },
  {
    name: 'a waiter marks without compare-and-swap',
    slips: [
      [
        'if (word !== marked && Atomics.compareExchange(words, index, word, marked) !== word) ' +
          'return false',
        'Atomics.store(words, index, marked)',
      ],
    ],
    finding: robbed,
  },
]

describe(`seeded slips are found (SEED=${seed})`, () => {
  test.each(seeded)('$name', ({ slips, finding }) => {
    expect(String(walk(40_000, slips).failure)).toMatch(finding)
  })
})

test('a byte names one incarnation: a newcomer’s byte does not hide a death', () => {
  const verdict = (slips: readonly Slip[]) => {
    const { byteOf } = compile('token.ts', slips)<typeof token>({})
    const imports = { 'node:util': {}, impl: { integerBetween() {} }, token: { ...token, byteOf } }
    const oracle = compile('death-oracle.ts')<typeof Oracle>(imports)
    const held = new Set([byteOf(token.tokenOf(3, 8))])
    const file = { probe: (offset: number) => held.has(offset) } as LockFile
    return oracle.byteOracle(file, token.tokenOf(1, 1)).isDead(token.tokenOf(3, 7))
  }
  expect(verdict([])).toBe(true)
  expect(verdict([['token - 1\n', 'token & 0x3ff\n']])).toBe(false) // the slip, and it is seen
})
