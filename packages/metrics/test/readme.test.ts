/** The README's table is the catalogue. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { METRICS, prometheusName, UP } from '../src/catalogue.js'

test('the README has a row for every metric, in the order of the catalogue, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = readme.split('\n').filter(line => line.startsWith('| `dsm_'))
  expect(rows).toEqual(
    [UP, ...METRICS].map(
      metric => `| \`${prometheusName(metric)}\` | \`${metric.name}\` | ${metric.help} |`,
    ),
  )
})
