/** The contract, as every mechanism is held to it. */
import { conformance } from '@dsm/impl/conformance'
import { leftovers } from '@dsm/native/testing'
import { afterAll, test } from 'vitest'
import { sysv } from '../src/index.js'
import { FOREIGN_SEGMENTS, removeStranger } from './stranger.js'

afterAll(removeStranger)
conformance(test, {
  impl: sysv(),
  module: new URL('../dist/index.js', import.meta.url),
  remaining: () => leftovers(/^System V/),
  options: { foreign: FOREIGN_SEGMENTS },
})
