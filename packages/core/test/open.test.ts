/** Joining and making a group, leaving it, and what is on the disk meanwhile. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineImpl } from '@dsm/impl'
import { describe, expect, test } from 'vitest'
import { openDsm, openDsmAsync } from '../src/index.js'
import { ALL, code, NATIVE, recorder, usePlace } from './support/place.js'

const place = usePlace()

describe.each(ALL)('on %s', kind => {
  test('case 7: the first opener makes the group and the last one out removes all of it', () => {
    const dsm = place.open(kind)
    const files = readdirSync(place.dir)
    expect(files).toContain('lock')
    expect(files).toContain('state')
    expect(files.filter(name => name.startsWith('members.'))).toHaveLength(1)
    expect(lstatSync(place.dir).mode & 0o777).toBe(0o700)
    expect(lstatSync(place.parent).mode & 0o777).toBe(0o700)
    expect(dsm.name).toBe(place.name)
    expect(dsm.impl.kind).toBe(kind)
    expect(dsm.memberIndex).toBe(0)

    dsm.close()
    expect(existsSync(place.dir)).toBe(false)
    expect(existsSync(place.parent)).toBe(false)
    expect(place.left()).toEqual([])
  })

  test('case 6: the control handle is even and not 0, and the same for every member', () => {
    const first = place.open(kind)
    const second = place.open(null)
    expect(first.controlHandle % 2).toBe(0)
    expect(first.controlHandle).toBeGreaterThan(0)
    expect(second.controlHandle).toBe(first.controlHandle)
  })

  test('a joiner without impl learns it from the group', () => {
    const first = place.open(kind)
    const second = place.open(null)
    expect(second.impl.kind).toBe(kind)
    expect(second.memberIndex).toBe(1)
    expect(first.members().map(({ index, alive }) => ({ index, alive }))).toEqual([
      { index: 0, alive: true },
      { index: 1, alive: true },
    ])
    first.close()
    expect(existsSync(join(place.dir, 'state'))).toBe(true)
    expect(second.members()).toHaveLength(1)
  })

  test('case 26: each life has another control segment', () => {
    const first = place.open(kind)
    const before = first.controlHandle
    first.close()
    expect(place.open(kind).controlHandle).not.toBe(before)
  })
})

describe.each(NATIVE)('between processes, on %s', kind => {
  test('members of two processes see each other, and the last one removes the group', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    expect(await child.call('open', place.spec(null))).toEqual({
      index: 1,
      controlHandle: dsm.controlHandle,
      kind,
    })
    expect(dsm.members().map(({ pid }) => pid)).toEqual([process.pid, child.pid])
    dsm.close()
    expect(await child.call('members')).toHaveLength(1)
    await child.call('close')
    expect(place.left()).toEqual([])
  })
})

test('a group that is not there and no impl: DSM_NOT_FOUND, and nothing is made', () => {
  expect(() => place.open(null)).toThrow(code('DSM_NOT_FOUND'))
  expect(() => place.open(null)).toThrow(/no group "g0".*no "impl"/)
  expect(existsSync(place.parent)).toBe(false)
})

test('close is idempotent and makes every operation fail with DSM_CLOSED', async () => {
  const dsm = place.open('posix')
  const words = new Int32Array(dsm.create(64).buffer.slice(0))
  dsm.close()
  dsm.close()
  dsm[Symbol.dispose]()
  dsm.shutdown()
  dsm.detachAll()
  for (const operation of [
    () => dsm.create(1),
    () => dsm.attach(2),
    () => dsm.findMapping(2),
    () => dsm.lock(words, 0),
    () => dsm.segments(),
    () => dsm.members(),
  ]) {
    expect(operation).toThrow(code('DSM_CLOSED'))
  }
  await expect(dsm.createAsync(1)).rejects.toEqual(code('DSM_CLOSED'))
})

test('closing detaches what is attached', () => {
  const dsm = place.open('posix')
  const segment = dsm.create(64)
  const { bytes } = segment
  dsm.close()
  expect(segment.detached).toBe(true)
  expect(bytes.length).toBe(0)
})

test('exclusive refuses with the pids of who is in, and welcomes later joiners', async () => {
  const child = place.member()
  await child.call('open', place.spec('posix'))
  expect(() => place.open('posix', { exclusive: true })).toThrow(code('DSM_IN_USE'))
  expect(() => place.open('posix', { exclusive: true })).toThrow(`pids ${child.pid})`)
  await child.call('close')

  const dsm = place.open('posix', { exclusive: true })
  expect(place.open(null).memberIndex).toBe(1)
  expect(dsm.members()).toHaveLength(2)
})

test('another impl than the group has is DSM_IMPL_MISMATCH, and the group goes on', () => {
  const dsm = place.open('posix')
  expect(() => place.open('sysv')).toThrow(code('DSM_IMPL_MISMATCH'))
  expect(() => place.open('sysv')).toThrow(/uses "posix" and "sysv" was asked for/)
  expect(dsm.members()).toHaveLength(1)
})

test('case 112: a mechanism that is not installed is DSM_IMPL_MISSING, saying what to install', () => {
  expect(() => place.open(null, { impl: 'absent' })).toThrow(code('DSM_IMPL_MISSING'))
  expect(() => place.open(null, { impl: 'absent' })).toThrow('npm install @dsm/impl-absent')
  expect(existsSync(place.parent)).toBe(false)

  const local = place.impl('local')
  const absent = defineImpl({ ...local, kind: 'absent', open: scope => local.open(scope) })
  place.open(null, { impl: absent })
  expect(() => place.open(null)).toThrow('npm install @dsm/impl-absent')
})

test('an impl is also found by its name', () => {
  const dsm = place.open(null, { impl: 'local' })
  expect(dsm.impl.kind).toBe('local')
  expect(() => place.open(null, { impl: '../evil' })).toThrow(code('ERR_OUT_OF_RANGE'))
})

test('an impl of another contract is DSM_IMPL_MISMATCH', () => {
  const impl = { ...place.impl('local'), contract: 2 as unknown as 1 }
  expect(() => place.open(null, { impl })).toThrow(code('DSM_IMPL_MISMATCH'))
})

test('options that differ from the group get a warning each, and the group keeps its own', () => {
  place.open('posix', { maxMembers: 4, maxSegments: 8 })
  const { lines, logger } = recorder()
  const joiner = place.open(null, { maxMembers: 5, maxSegments: 9, persist: true, logger })
  expect(lines.filter(line => line.startsWith('warn'))).toEqual([
    'warn: the group keeps what its maker chose {"option":"maxMembers","asked":5,"value":4}',
    'warn: the group keeps what its maker chose {"option":"maxSegments","asked":9,"value":8}',
    'warn: the group keeps what its maker chose {"option":"persist","asked":true,"value":false}',
  ])
  for (let n = 0; n < 8; n++) joiner.create(1)
  expect(joiner.create(1, { nullIfMaxSegments: true })).toBe(null)
})

test('options equal to those of the group, or left out, get no warning', () => {
  place.open('posix', { maxMembers: 4, maxSegments: 8 })
  const { lines, logger } = recorder()
  place.open(null, { maxMembers: 4, maxSegments: 8, persist: false, logger })
  place.open(null, { logger })
  expect(lines).toEqual([])
})

test('case 1: without options a group has 64 members and 64 + 5 × 64 segments', () => {
  const dsm = openDsm({ name: place.name, impl: place.impl('local') })
  place.track(dsm)
  const state = JSON.parse(readFileSync(join(place.dir, 'state'), 'utf8'))
  expect(state.lives).toHaveLength(1)
  for (let n = 0; n < 384; n++) dsm.create(1)
  expect(() => dsm.create(1)).toThrow(/all 384 segments/)
})

test('more members than there is room for is DSM_TOO_MANY_MEMBERS with the pids', async () => {
  place.open('posix', { maxMembers: 2 })
  const child = place.member()
  await child.call('open', place.spec(null))
  expect(() => place.open(null)).toThrow(code('DSM_TOO_MANY_MEMBERS'))
  expect(() => place.open(null)).toThrow(`all 2 members`)
  expect(() => place.open(null)).toThrow(`pids ${process.pid}, ${child.pid})`)
  await child.call('close')
  expect(place.open(null).memberIndex).toBe(1)
})

test('two groups know nothing of each other', () => {
  const one = place.open('posix')
  const handle = one.create(64).handle
  const first = place.name
  const two = place.open('posix', { name: place.newName() })
  expect(place.name).not.toBe(first)
  expect(two.segments()).toEqual([])
  expect(two.members()).toHaveLength(1)
  expect(two.attach(handle)).toBe(null)
})

test('dir is the directory of the group itself, and the parent of it stays', () => {
  const dir = join(place.root, 'own')
  const dsm = place.open('posix', { dir })
  expect(readdirSync(dir)).toContain('lock')
  expect(dsm.name).toBe('own')
  expect(place.open(null, { dir }).memberIndex).toBe(1)
  expect(existsSync(place.parent)).toBe(false)
})

test('openDsmAsync makes and joins as openDsm does', async () => {
  const dsm = place.track(await openDsmAsync(place.options('posix')))
  const joined = place.track(await openDsmAsync(place.options(null)))
  expect(joined.attach(dsm.create(64).handle)?.size).toBe(64)
  const options = { ...place.options(null), signal: 'no' as unknown as AbortSignal }
  await expect(openDsmAsync(options)).rejects.toEqual(code('ERR_INVALID_ARG_TYPE'))
})
