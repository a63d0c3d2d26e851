/** Operations begun with hardly any stack left throw before they touch anything, or are mended. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { usePlace } from './support/place.js'

const place = usePlace()
const CHILD = join(import.meta.dirname, 'children', 'overflow.mjs')

test.each([0, 1 << 20])('with a main region of %i bytes', mainRegionSize => {
  const make = { name: place.name, impl: 'posix', mainRegionSize }
  const specs = [make, { name: place.name }].map(spec => JSON.stringify(spec))
  const said = execFileSync(process.execPath, [CHILD, ...specs], { timeout: 50_000 })
  const overflowed = JSON.parse(String(said))
  expect(Object.keys(overflowed)).toHaveLength(6)
  for (const count of Object.values(overflowed)) expect(count).toBeGreaterThan(0)
})
