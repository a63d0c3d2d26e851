/** The contract, as every mechanism is held to it. */
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { conformance, type PlantForeign } from '@dsm/impl/conformance'
import { FOREIGN_FILES, testDirectory } from '@dsm/native/testing'
import { afterAll, test } from 'vitest'
import { mmap } from '../src/index.js'

const dir = testDirectory()
const plantIn =
  (plant: (path: string, size: number) => () => void): PlantForeign =>
  (space, handle, size) => {
    mkdirSync(dirname(space.osName(handle)), { recursive: true, mode: 0o700 })
    return plant(space.osName(handle), size)
  }
const kinds = Object.entries(FOREIGN_FILES).map(([kind, plant]) => [kind, plantIn(plant)] as const)

afterAll(() => rmdirSync(dir)) // empty: every scope's own directory is gone by now
conformance(test, {
  impl: mmap({ dir }),
  module: new URL('../dist/index.js', import.meta.url),
  remaining: ({ osNames }) => osNames.filter(existsSync),
  options: { factoryOptions: { dir }, foreign: Object.fromEntries(kinds) },
})
