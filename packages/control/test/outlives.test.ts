/** What a reboot takes away, and that an unreadable boot id is not taken for another boot. */
import { local } from '@dsm/impl-local'
import { expect, test } from 'vitest'
import { outlives } from '../src/life.js'
import { bootId, type LifeRecord } from '../src/state-file.js'

const recordOf = (boot: string): LifeRecord => ({
  bootId: boot,
  nonce: 'aaaaaaaaaaaaa',
  layout: 1,
  kind: 'local',
  options: {},
  controlHandle: 2,
  controlSize: 64,
  persist: false,
})

test.each([
  ['this boot', bootId(), true],
  ['another boot', 'another-boot', false],
  ['a boot that could not be read', '', true],
])('objects recorded in %s', (_when, boot, expected) => {
  expect(outlives(recordOf(boot), local())).toBe(expected)
})
