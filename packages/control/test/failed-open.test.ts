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

test('a join that fails at the lock unmaps the main region too', () => {
  const stage = new LocalGroup()
  const { section } = stage.open({ mainRegionSize: 1 << 16 }).member
  section.beginAndEnter()
  stage.faults.reset()
  expect(() => stage.open({ lockTimeoutMs: 20 })).toThrow(
    expect.objectContaining({ code: 'DSM_LOCK_TIMEOUT' }),
  )
  expect(stage.faults.count('attach')).toBeGreaterThan(1)
  expect(stage.faults.count('detach')).toBe(stage.faults.count('attach'))
  section.leave()
  section.end()
  stage.end()
})

test('a dead life whose table cannot be mapped for now is kept for the next open', () => {
  const stage = new LocalGroup()
  const dead = stage.open()
  dead.member.create(5000)
  stage.die(dead)
  stage.faults.reset()
  stage.faults.at('attach', 1, { errno: 'ENOMEM' }).at('attach', 2, { errno: 'EMFILE' })
  expect(() => stage.open()).toThrow(expect.objectContaining({ code: 'DSM_NO_MEMORY' }))
  expect(stage.objects).toHaveLength(2)
  stage.open()
  expect(stage.objects).toHaveLength(1)
  stage.end()
  expect(stage.objects).toEqual([])
})
