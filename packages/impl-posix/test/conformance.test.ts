/** The contract, as every mechanism is held to it. */
import { existsSync } from 'node:fs'
import { conformance, type PlantForeign } from '@dsm/impl/conformance'
import { FOREIGN_FILES } from '@dsm/native/testing'
import { test } from 'vitest'
import { posix } from '../src/index.js'

const kinds = Object.entries(FOREIGN_FILES).map(([kind, plant]): [string, PlantForeign] => [
  kind,
  (space, handle, size) => plant(`/dev/shm${space.osName(handle)}`, size),
])
conformance(test, {
  impl: posix(),
  module: new URL('../dist/index.js', import.meta.url),
  remaining: ({ osNames }) => osNames.filter(name => existsSync(`/dev/shm${name}`)),
  options: { foreign: Object.fromEntries(kinds) },
})
