/** An open that fails half-way gives back every descriptor. */
import { readdirSync } from 'node:fs'
import { DsmError } from '@dsm/impl'
import { resetLocal } from '@dsm/impl-local'
import { LockFile } from '@dsm/lwlock'
import { afterEach, expect, test, vi } from 'vitest'
import { LocalGroup } from './local-group.js'

afterEach(() => {
  vi.restoreAllMocks()
  resetLocal()
})

test('the members’ file is closed if it cannot be asked who lives', () => {
  const stage = new LocalGroup()
  stage.open()
  const before = readdirSync('/proc/self/fd').length
  vi.spyOn(LockFile.prototype, 'probeRange').mockImplementation(() => {
    throw new DsmError('DSM_IO', 'no answer', { op: 'lock' })
  })
  expect(() => stage.open()).toThrow('no answer')
  expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  vi.restoreAllMocks()
  stage.end()
})
