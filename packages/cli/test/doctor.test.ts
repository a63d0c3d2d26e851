/** Each check, shown machines that will bite and machines that will not; then this one. */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../src/doctor/finding.js'
import { checkPlace as check } from '../src/doctor/groups.js'
import { checkRemoveIpc } from '../src/doctor/logind.js'
import { checkContainer, checkProcessLimits, checkShm, checkSystemV } from '../src/doctor/memory.js'
import { checkMechanisms, checkNode, checkPlatform } from '../src/doctor/runtime.js'
import type { FileSystem, System } from '../src/doctor/system.js'
import { dsm, json, usePlace } from './support/place.js'

const { place } = usePlace()
const checkPlace = (path: string, uid: number) => check(path, uid, { id: 'place', holds: 'groups' })
const TMPFS = 0x01021994
const MIB = 2 ** 20

interface Shown {
  readonly files?: Record<string, string>
  readonly shm?: FileSystem | null
  readonly uid?: number
}

const machine = ({ files = {}, shm = null, uid = 1000 }: Shown): System => ({
  read: path => files[path] ?? null,
  list: path =>
    Object.keys(files)
      .filter(file => file.startsWith(`${path}/`))
      .map(file => file.slice(path.length + 1).split('/')[0]!)
      .sort(),
  fileSystem: () => shm,
  uid,
  env: {},
})

const levels = (findings: readonly Finding[]) => findings.map(({ id, level }) => `${id} ${level}`)
const shm = (size: number, free: number, type = TMPFS) =>
  levels(checkShm(machine({ shm: { type, size, free } })))

describe('/dev/shm', () => {
  test('the default of a container, one nearly full, one on a disk and none at all are told', () => {
    expect(shm(64 * MIB, 64 * MIB)).toEqual(['shm-size warning'])
    expect(shm(1024 * MIB, 50 * MIB)).toEqual(['shm-size warning'])
    expect(shm(1024 * MIB, 900 * MIB)).toEqual(['shm-size ok'])
    expect(shm(1024 * MIB, 900 * MIB, 0xef53)).toEqual(['shm-size ok', 'shm-type warning'])
    expect(levels(checkShm(machine({})))).toEqual(['shm error'])
  })

  test('what mends a small one is said', () => {
    const [finding] = checkShm(machine({ shm: { type: TMPFS, size: 64 * MIB, free: 64 * MIB } }))
    expect(finding!.mend).toContain('--shm-size')
  })

  test('a control group with less memory than /dev/shm may take is noted', () => {
    const files = { '/sys/fs/cgroup/memory.max': `${512 * MIB}\n` }
    const big = { type: TMPFS, size: 1024 * MIB, free: 1024 * MIB }
    expect(checkContainer(machine({ files, shm: big })).level).toBe('note')
    expect(checkContainer(machine({ files, shm: { ...big, size: MIB } })).level).toBe('ok')
    const none = { '/sys/fs/cgroup/memory.max': 'max\n' }
    expect(checkContainer(machine({ files: none, shm: big })).level).toBe('ok')
  })
})

describe('RemoveIPC', () => {
  const RUNS = { '/run/systemd/seats/seat0': '' }
  const check = (files: Record<string, string>, uid = 1000) =>
    checkRemoveIpc(machine({ files, uid }), 'ann').level

  test('bites where logind runs and nobody said no', () => {
    expect(check({})).toBe('ok')
    expect(check(RUNS)).toBe('warning')
    expect(check({ ...RUNS, '/etc/systemd/logind.conf': '[Login]\n#RemoveIPC=no\n' })).toBe(
      'warning',
    )
    expect(check({ ...RUNS, '/etc/systemd/logind.conf': '[Login]\nRemoveIPC=no\n' })).toBe('ok')
  })

  test('is spared by system users and by those who linger', () => {
    expect(check(RUNS, 0)).toBe('ok')
    expect(check(RUNS, 999)).toBe('ok')
    expect(check({ ...RUNS, '/var/lib/systemd/linger/ann': '' })).toBe('ok')
    expect(check({ ...RUNS, '/var/lib/systemd/linger/bob': '' })).toBe('warning')
  })

  test('the last drop-in by name has the last word', () => {
    const main = { ...RUNS, '/etc/systemd/logind.conf': '[Login]\nRemoveIPC=yes\n' }
    const early = { '/usr/lib/systemd/logind.conf.d/90-x.conf': '[Login]\nRemoveIPC=no\n' }
    const late = { '/etc/systemd/logind.conf.d/95-y.conf': '[Login]\nRemoveIPC = yes\n' }
    expect(check({ ...main, ...early })).toBe('ok')
    expect(check({ ...main, ...early, ...late })).toBe('warning')
  })
})

test('limits of System V that are low, or nearly reached, are told', () => {
  const kernel = '/proc/sys/kernel/'
  const files = (shmmax: string, shmall: string, shmmni: string, used: number) => ({
    [`${kernel}shmmax`]: shmmax,
    [`${kernel}shmall`]: shmall,
    [`${kernel}shmmni`]: shmmni,
    '/proc/sysvipc/shm': `key shmid\n${'0 1\n'.repeat(used)}`,
  })
  const huge = '18446744073692774399'
  const check = (...args: Parameters<typeof files>) =>
    levels(checkSystemV(machine({ files: files(...args) })))
  expect(check(huge, huge, '4096', 3)).toEqual(['shmmax ok', 'shmall ok', 'shmmni ok'])
  expect(check('33554432', '2097152', '128', 100)).toEqual([
    'shmmax warning',
    'shmall ok',
    'shmmni warning',
  ])
  expect(levels(checkSystemV(machine({})))).toEqual(['sysv note'])
})

test('limits of a process that make a create fail are told', () => {
  const limits = (files: string, space: string, size: string) => ({
    '/proc/self/limits':
      `Max file size             ${size}            unlimited            bytes\n` +
      `Max open files            ${files}                 4096                 files\n` +
      `Max address space         ${space}            unlimited            bytes\n`,
  })
  const check = (...args: [string, string, string]) =>
    levels(checkProcessLimits(machine({ files: limits(...args) })))
  expect(check('65536', 'unlimited', 'unlimited')).toEqual(['nofile ok'])
  expect(check('256', '1073741824', '1048576')).toEqual([
    'nofile warning',
    'as warning',
    'fsize warning',
  ])
})

test('Node, the C library and the addons are judged by what they can do', () => {
  expect(
    ['18.20.1', '20.18.0', '20.19.0', '22.3.0', '26.1.0'].map(v => checkNode(v).level),
  ).toEqual(['error', 'error', 'note', 'ok', 'ok'])
  const host = (platform: string, glibc: string | null) =>
    checkPlatform({ platform, arch: 'x64', glibc }).level
  expect([
    host('linux', '2.36'),
    host('linux', '2.27'),
    host('linux', null),
    host('darwin', null),
  ]).toEqual(['ok', 'warning', 'note', 'error'])
  const failing = () => {
    throw new Error('libstdc++.so.6: version not found\nmore')
  }
  expect(levels(checkMechanisms(failing))).toEqual([
    'impl-posix error',
    'impl-sysv error',
    'impl-mmap error',
  ])
})

test('a place that is a link, a file, another’s or open to others is told as openDsm refuses it', () => {
  const path = `${place().root}/place`
  const uid = process.getuid!()
  expect(checkPlace(path, uid).level).toBe('ok')
  mkdirSync(path, { mode: 0o700 })
  expect(checkPlace(path, uid).level).toBe('ok')
  expect(checkPlace(path, uid + 1)).toMatchObject({ level: 'error', id: 'place' })
  chmodSync(path, 0o755)
  expect(checkPlace(path, uid).says).toContain('0755')
  rmSync(path, { recursive: true })
  writeFileSync(path, '')
  expect(checkPlace(path, uid).level).toBe('error')
  rmSync(path)
})

test('on this machine: every finding has a sentence, what is wrong has an exit code, all is left', async () => {
  const before = readdirSync('/dev/shm').sort()
  const { version, findings } = await json('doctor')
  expect(version).toBe(1)
  for (const { id, level, says } of findings) {
    expect(id).toMatch(/^[a-z0-9-]+$/)
    expect(says.length).toBeGreaterThan(5)
    expect(['ok', 'note', 'warning', 'error']).toContain(level)
  }
  const wrong = findings.some(({ level }: Finding) => level === 'warning' || level === 'error')
  const { code, stdout } = await dsm(['doctor'], { columns: 80 })
  expect(code).toBe(wrong ? 1 : 0)
  expect(stdout).toMatch(wrong ? /to mend\.\n$/ : /Nothing here will bite\.\n$/)
  expect(readdirSync('/dev/shm').sort()).toEqual(before)
})

test('dead groups, and objects that no group knows of, are told', async () => {
  const member = await place().member({
    name: 'shop',
    kind: 'posix',
    maxMembers: 4,
    maxSegments: 8,
  })
  await member.kill()
  const stray = '/dev/shm/dsm.bbbbbbbbbbbbb.4242'
  writeFileSync(stray, '', { mode: 0o600 })
  const { findings } = await json('doctor')
  rmSync(stray)
  const about = (id: string) => findings.find((found: Finding) => found.id === id)
  expect(about('groups')).toMatchObject({ level: 'warning', mend: 'dsm clean' })
  expect(about('orphans').says).toContain('dsm.bbbbbbbbbbbbb.4242')
  expect((await dsm(['doctor'])).code).toBe(1)
})
