/** The suite passes a mechanism that keeps the contract, and will not run half-configured. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { conformance } from '../src/conformance/index.js'
import { foreign } from './plant.js'
import { record } from './record.js'
import { reference, remainingFiles } from './reference.mjs'

const dir = mkdtempSync(join(tmpdir(), 'dsm-reference-'))
const module = new URL('./reference.mjs', import.meta.url)
const remaining = () => remainingFiles(dir)
afterAll(() => rmSync(dir, { recursive: true }))

describe('the reference mechanism', () => {
  conformance(test, { impl: reference({ dir }), module, remaining, options: { foreign } })
})

test('what cannot be tested is skipped by supports, and says why', async () => {
  const { failed, skipped } = await record({ impl: reference({ dir, crossProcess: false }) })
  expect([...failed]).toEqual([])
  const across = skipped.filter(name => name.includes('its objects are not reached by other'))
  expect(across.length).toBeGreaterThan(10)
  const hooks = skipped.filter(name => !across.includes(name))
  expect(hooks.map(name => name.replace(/.* — /, ''))).toEqual([
    ...Array(3).fill('the suite was given no options.foreign'),
    'the suite was given no remaining()',
  ])
})

test('a mechanism for many processes needs a module, and unknown options are refused', async () => {
  const impl = reference({ dir })
  await expect(record({ impl })).rejects.toThrow('"module" must be the URL of the built package')
  const skips = { impl, module, skip: ['part'] }
  await expect(record(skips)).rejects.toThrow('unknown option skip')
  const settings = { impl, module, options: { skipPart: true } as object }
  await expect(record(settings)).rejects.toThrow('unknown option skipPart')
  await expect(record({ impl: {} as never })).rejects.toThrow('"impl" must be a DsmImpl')
})

test('a child that cannot get the mechanism fails its tests, with what it said', async () => {
  const options = { factory: 'noSuchExport' }
  const { failed } = await record({ impl: reference({ dir }), module, options })
  expect(failed.size).toBeGreaterThan(10)
  for (const [name, error] of failed) {
    expect(name).toMatch(/^(processes|deaths|shortages): /)
    expect(String(error)).toContain('has no export noSuchExport')
  }
})
