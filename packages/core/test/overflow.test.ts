/** Operations begun with hardly any stack left throw before they touch anything, or are mended. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { usePlace } from './support/place.js'

const place = usePlace()
const CHILD = join(import.meta.dirname, 'children', 'overflow.mjs')

function overflow(flags: readonly string[], mainRegionSize: number, form: 'cold' | 'warm'): void {
  const make = { name: place.name, impl: 'posix', mainRegionSize }
  const specs = [make, { name: place.name }].map(spec => JSON.stringify(spec))
  const args = [...flags, CHILD, ...specs, form]
  const overflowed = JSON.parse(String(execFileSync(process.execPath, args, { timeout: 50_000 })))
  expect(Object.keys(overflowed)).toHaveLength(6)
  for (const count of Object.values(overflowed)) expect(count).toBeGreaterThan(0)
}

test.each([0, 1 << 20])('with a main region of %i bytes, functions compiled there', size => {
  overflow([], size, 'cold')
})

const TIERS = [
  ['all tiers', []],
  ['the baseline', ['--always-sparkplug', '--no-opt']],
  ['the interpreter', ['--no-sparkplug', '--no-opt']],
] as const

test.each(TIERS)('in %s nothing overflows once an operation has begun', (_, flags) => {
  for (const mainRegionSize of [0, 1 << 20]) overflow(flags, mainRegionSize, 'warm')
})
