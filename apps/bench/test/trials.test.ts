/**
 * Every trial works, in its tiny form and on each of its backends. What it takes is measured by
 * `pnpm bench` and asserted nowhere.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { measure, type Row } from '../src/measure.js'
import { trials } from '../src/registry.js'
import { asJson, asTable } from '../src/report.js'
import { median, quantile, spread } from '../src/statistics.js'

const rows: Row[] = []
const cases = trials.flatMap(trial =>
  trial.backends.map(backend => ({ trial, backend, name: `${trial.name}, ${backend}` })),
)

test.each(cases)('$name: both contenders work, in turn', async ({ trial, backend }) => {
  const { tiny } = trial
  const row = await measure(trial, backend, tiny)
  rows.push(row)
  for (const side of row.sides) {
    expect(side.samples).toBeGreaterThanOrEqual(tiny.samples * tiny.turns)
    expect(side.median).toBeGreaterThan(0)
  }
  expect(row.ratio).toBeGreaterThan(0)
})

test('a contender that fails is an error with its own words', async () => {
  const [trial] = trials
  const unknown = { ...trial!, name: 'nothing' }
  await expect(measure(unknown, 'posix', trial!.tiny)).rejects.toThrow(/no trial "nothing"/)
})

test('the table and the JSON have a row for each', () => {
  for (const { what } of rows) expect(asTable(rows)).toContain(what)
  expect(JSON.parse(asJson(rows)).rows).toHaveLength(rows.length)
})

test('median and spread', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(spread([5, 5, 5])).toBe(0)
})

test('the command explains itself when used wrongly', () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  expect(existsSync(main)).toBe(true)
  const { status, stderr } = spawnSync(process.execPath, [main, 'x'], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr).toContain('pnpm bench')
})
