/** The command: what it says and how it ends when used well and wrongly. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Random } from '../src/random.js'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const campaign = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 30_000 })

test.each([
  [[]],
  [['nothing']],
  [['cycles', '--seed', '-1']],
  [['cycles', '--canary', 'x']],
  [['kill-states', '--operation', 'x']],
])('used wrongly, with %j, it explains itself and ends with 2', args => {
  const { status, stderr } = campaign(...args)
  expect(status).toBe(2)
  expect(stderr).toContain('pnpm campaign <name>')
})

test('it lists the campaigns', () => {
  const { status, stdout } = campaign('--list')
  expect(status).toBe(0)
  expect(stdout).toContain('random-kill')
})

test('a campaign ends in one line of figures', () => {
  const { status, stdout } = campaign('cycles', '--cycles', '5', '--impl', 'posix', '--seed', '7')
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^cycles \(seed 7\): backends posix, cycles each 5, seconds [\d.]+: ok$/),
  ])
  expect(status).toBe(0)
})

test('a seed repeats its numbers', () => {
  const [first, second, other] = [new Random(1), new Random(1), new Random(2)]
  const numbers = (random: Random) => Array.from({ length: 100 }, () => random.next())
  const repeated = numbers(first)
  expect(numbers(second)).toEqual(repeated)
  expect(numbers(other)).not.toEqual(repeated)
})
