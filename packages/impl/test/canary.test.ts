/**
 * Is the suite worth anything? Mechanisms with one defect each must be refused by the tests that
 * are there for it; and each test of the suite must refuse one of them, or it is no test.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CANARIES } from './canaries.js'
import { foreign } from './plant.js'
import { record } from './record.js'
import { plugLeaks, reference, remainingFiles } from './reference.mjs'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dsm-canary-'))
})
afterEach(() => {
  plugLeaks()
  rmSync(dir, { recursive: true })
})

const sung = new Set<string>()
const registered = new Set<string>()

test.each(CANARIES)('a mechanism that "$broken" is refused', async ({ broken, groups, fails }) => {
  const options = {
    impl: reference({ dir, broken }),
    module: new URL('./reference.mjs', import.meta.url),
    remaining: () => remainingFiles(dir),
    options: { foreign, factoryOptions: { broken } },
  }
  const { failed, passed, left } = await record(options, groups)
  for (const name of [...failed.keys(), ...passed, ...left]) registered.add(name)
  for (const name of failed.keys()) sung.add(name)
  expect([...failed.keys()]).toEqual(expect.arrayContaining([...fails]))
})

test('each test of the suite refuses some mechanism (after all of the above)', () => {
  expect([...registered].filter(name => !sung.has(name))).toEqual([])
})
