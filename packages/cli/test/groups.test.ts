/** ls, inspect and clean, of groups that live and of groups that died. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dsm, json, KINDS, spawnDsm, usePlace } from './support/place.js'

const { place } = usePlace()

const small = { maxMembers: 4, maxSegments: 16 }

test('without a group, ls and clean say so and nothing is wrong', async () => {
  expect(await dsm(['ls'])).toEqual({ code: 0, stdout: 'There is no group.\n', stderr: '' })
  expect(await dsm(['clean'])).toMatchObject({ code: 0 })
  expect(await json('ls')).toEqual({ version: 1, groups: [] })
  expect(existsSync(place().groups)).toBe(false)
})

describe.each(KINDS)('a group on %s', kind => {
  test('that lives: ls, inspect and clean say what there is, and leave it as it is', async () => {
    const one = await place().member({ name: 'shop', kind, ...small, mainRegionSize: 1 << 18 })
    const object = await one.call('create', 9000, { ownObject: true, name: 'catalogue' })
    const carved = await one.call('create', 9000, { name: 'prices' })
    const other = await place().member({ name: 'shop' })
    await other.call('attach', carved.handle)
    const before = place().objects()
    const { code, stdout } = await dsm(['ls'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`shop +live +${kind} +2/4 +2/16 .*catalogue prices`))
    const { groups } = await json('ls', 'shop')
    expect(groups).toMatchObject([{ name: 'shop', state: 'live', problem: null }])
    expect(groups[0].lives[0]).toMatchObject({ kind, state: 'live', content: { settled: true } })
    expect(groups[0].lives[0].content.segments).toMatchObject([
      { handle: object.handle, osName: object.osName, names: ['catalogue'], heldBy: [0] },
      { handle: carved.handle, osName: null, names: ['prices'], heldBy: [0, 1], npages: 3 },
    ])
    const inspected = await dsm(['inspect', 'shop'])
    expect(inspected.code).toBe(0)
    for (const part of ['2 members', `pid ${one.pid}`, '2 segments in 16 slots', 'Main region']) {
      expect(inspected.stdout).toContain(part)
    }
    expect(await dsm(['clean'])).toMatchObject({ code: 0, stdout: 'shop lives; left alone\n' })
    expect(place().objects()).toEqual(before)
    expect(await other.call('attach', object.handle)).toBe(true)
  })

  test('inspect shows the bytes of an object and of a segment in the main region', async () => {
    const one = await place().member({ name: 'shop', kind, ...small, mainRegionSize: 1 << 18 })
    const object = await one.call('create', 100, { ownObject: true })
    await one.call('create', 100, { name: 'prices' })
    for (const segment of [String(object.handle), 'prices']) {
      const { code, stdout } = await dsm(['inspect', 'shop', segment, '--length', '32'])
      expect(code).toBe(0)
      expect(stdout).toContain(
        `00000000  ${'2a '.repeat(8)} ${'2a '.repeat(8)} |${'*'.repeat(16)}|`,
      )
      expect(stdout).toContain('68 B more: --offset 32')
      const tail = await json('inspect', 'shop', segment, '--offset', '96')
      expect(tail).toMatchObject({ group: 'shop', offset: 96, hex: '2a2a2a2a' })
    }
    const none = await dsm(['inspect', 'shop', '2'])
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toContain('has no segment "2"')
  })

  test('killed whole: ls says dead, clean removes all of it, a second finds nothing', async () => {
    const one = await place().member({ name: 'shop', kind, ...small, mainRegionSize: 1 << 18 })
    const other = await place().member({ name: 'shop' })
    for (const member of [one, other]) {
      await member.call('create', 9000, { ownObject: true, pin: true })
      await member.call('create', 9000)
    }
    const full = place().objects()
    await place().killAll()
    const listed = await dsm(['ls'])
    expect(listed.code).toBe(1)
    expect(listed.stdout).toMatch(/shop +dead/)
    const plan = await json('clean', '--dry-run')
    expect(plan).toMatchObject({ dryRun: true, groups: [{ outcome: 'would remove' }] })
    expect(plan.groups[0].objects).toHaveLength(4) // two segments, main region, control segment
    expect((await dsm(['clean', '--dry-run'])).code).toBe(1)
    expect(place().objects()).toEqual(full)
    const done = await json('clean')
    expect(done).toMatchObject({ dryRun: false, groups: [{ outcome: 'removed', problems: [] }] })
    expect(done.groups[0].objects).toEqual(plan.groups[0].objects)
    expect(place().objects()).toEqual([])
    expect(existsSync(place().groups)).toBe(false)
    expect(await dsm(['clean'])).toMatchObject({ code: 0 })
    expect(await json('clean')).toMatchObject({ groups: [] })
  })
})

test('clean leaves the living beside the dead, and a group whose pinned segments are kept', async () => {
  const dead = await place().member({ name: 'dead', kind: 'posix', ...small })
  await dead.call('create', 100)
  await place().member({ name: 'living', kind: 'posix', ...small })
  const sleeper = await place().member({ name: 'asleep', kind: 'posix', ...small, persist: true })
  await sleeper.call('create', 100, { pin: true })
  await sleeper.call('close')
  await dead.kill()
  const { groups } = await json('clean')
  const outcomes = groups.map(({ name, outcome }: Record<string, string>) => [name, outcome])
  expect(outcomes).toEqual([
    ['asleep', 'asleep'],
    ['dead', 'removed'],
    ['living', 'live'],
  ])
  expect((await dsm(['ls'])).code).toBe(0)
  expect((await dsm(['ls'])).stdout).toMatch(/asleep +asleep/)
  // Unpinned, the last one out removes it.
  const last = await place().member({ name: 'asleep' })
  await last.call('shutdown')
  await last.call('close')
})

test('foreign files are left: in the directory of a dead group, beside it, and under its names', async () => {
  const member = await place().member({ name: 'shop', kind: 'posix', ...small })
  const { osName } = await member.call('create', 100)
  await member.kill()
  const theirs = [
    join(place().groups, 'shop', 'notes.txt'),
    join(place().groups, 'README'),
    '/dev/shm/dsm-cli-foreign',
    '/dev/shm/dsm.aaaaaaaaaaaaa.4242',
  ]
  rmSync(`/dev/shm${osName}`)
  for (const path of [...theirs, `/dev/shm${osName}`])
    writeFileSync(path, 'theirs', { mode: 0o644 })
  const { code, stdout } = await dsm(['clean'])
  expect(code).toBe(1)
  expect(stdout).toContain('notes.txt')
  expect(stdout).toContain('left an object that is not ours')
  for (const path of [...theirs, `/dev/shm${osName}`]) {
    expect(readFileSync(path, 'utf8')).toBe('theirs')
    rmSync(path)
  }
})

test('a directory that others can write to is not trusted, by any command', async () => {
  const member = await place().member({ name: 'shop', kind: 'posix', ...small })
  const directory = join(place().groups, 'shop')
  chmodSync(directory, 0o777)
  const listed = await dsm(['ls'])
  expect(listed.code).toBe(1)
  expect(listed.stdout).toContain('DSM_DIR_INSECURE')
  expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'failed' }] })
  expect(await json('inspect', 'shop')).toMatchObject({ error: { code: 'DSM_DIR_INSECURE' } })
  chmodSync(directory, 0o700)
  await member.call('close')
})

test('a group with a directory of its own is meant by its path', async () => {
  const dir = join(place().root, 'own')
  const member = await place().member({ dir, kind: 'posix', ...small })
  expect(await json('ls', dir)).toMatchObject({ groups: [{ name: 'own', state: 'live' }] })
  expect(await json('ls')).toMatchObject({ groups: [] })
  await member.kill()
  expect(await json('clean', dir)).toMatchObject({ groups: [{ outcome: 'removed' }] })
})

test('a life that was shut down and still has members stands beside the next one', async () => {
  const ender = await place().member({ name: 'shop', kind: 'posix', ...small })
  const old = await place().member({ name: 'shop' })
  await ender.call('shutdown')
  await place().member({ name: 'shop', kind: 'posix', ...small })
  const { stdout } = await dsm(['ls'])
  expect(stdout).toMatch(/shop \(older life\) +shut down/)
  expect(stdout).toMatch(/shop +live/)
  await old.kill()
  expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'cleaned' }] })
})

test('an empty directory of a group is what an early death left, and clean removes it', async () => {
  mkdirSync(join(place().groups, 'shop'), { recursive: true, mode: 0o700 })
  expect(await json('ls')).toMatchObject({ groups: [{ state: 'empty', lives: [] }] })
  expect((await dsm(['ls'])).code).toBe(1)
  expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'removed' }] })
})

test('the installed command ends with 0, 1 and 2', async () => {
  const member = await place().member({ name: 'shop', kind: 'posix', ...small })
  expect(spawnDsm(['ls'])).toMatchObject({ code: 0, stderr: '' })
  expect(spawnDsm(['--help'])).toMatchObject({ code: 0, stderr: '' })
  expect(spawnDsm(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  await member.kill()
  expect(spawnDsm(['ls'])).toMatchObject({ code: 1, stderr: '' })
  const absent = spawnDsm(['inspect', 'nobody'])
  expect(absent).toMatchObject({ code: 1, stdout: '' })
  expect(absent.stderr).toContain('DSM_NOT_FOUND')
  for (const wrong of [['inspect'], ['nonsense'], ['ls', '--nonsense'], ['ls', 'A b'], []]) {
    expect(spawnDsm(wrong).code, wrong.join(' ')).toBe(2)
  }
  expect(spawnDsm(['inspect', 'shop', '--length', '-4']).code).toBe(2)
})
