/** Which directories are trusted with a group, and that a refused one stays as it was. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { groupDirectory } from '@dsm/control'
import { describe, expect, test } from 'vitest'
import { code, usePlace } from './support/place.js'

const place = usePlace()
const root = process.getuid?.() === 0
const NOBODY = 65_534

test('without DSM_DIR and dir a group is in /dev/shm/dsm-<uid>', () => {
  delete process.env.DSM_DIR
  const { path, parent } = groupDirectory({ name: 'some-group' })
  expect(parent).toBe(`/dev/shm/dsm-${process.getuid?.()}`)
  expect(path).toBe(`${parent}/some-group`)
})

test('DSM_DIR is the parent of the groups', () => {
  process.env.DSM_DIR = join(place.root, 'elsewhere')
  const dsm = place.open('posix')
  expect(readdirSync(join(place.root, 'elsewhere'))).toEqual([place.name])
  dsm.close()
  expect(existsSync(join(place.root, 'elsewhere'))).toBe(false)
})

test('a parent directory that does not exist is DSM_NOT_FOUND, saying what to create', () => {
  process.env.DSM_DIR = join(place.root, 'a', 'b')
  expect(() => place.open('posix')).toThrow(code('DSM_NOT_FOUND'))
  expect(() => place.open('posix')).toThrow(`"${join(place.root, 'a')}" does not exist`)
  expect(existsSync(join(place.root, 'a'))).toBe(false)
})

test.each(['one group', 'two groups'])(
  'processes come and go in %s without a failure',
  async which => {
    const members = [place.member(), place.member()]
    const specs = members.map(() => {
      if (which === 'two groups') place.newName()
      return place.spec('posix')
    })
    await Promise.all(members.map((member, n) => member.call('comeAndGo', specs[n], 1_000)))
    expect(place.left()).toEqual([])
  },
)

test('joiners without impl find a group that comes and goes, or DSM_NOT_FOUND', async () => {
  const [maker, joiner] = [place.member(), place.member()]
  const making = maker.call('comeAndGo', place.spec('posix'), 1_000)
  await Promise.all([making, joiner.call('joinAndGo', place.spec(null), 3_000)])
  expect(place.left()).toEqual([])
})

describe.each(['the group directory', 'its parent'])('%s', which => {
  const make = (): string => {
    if (which === 'its parent') return place.parent
    mkdirSync(place.parent, { mode: 0o700 })
    return place.dir
  }

  /** Refused in both ways of opening, with the reason, and nothing is changed. */
  function refused(path: string, reason: string): void {
    const before = lstatSync(path)
    for (const kind of ['posix', null] as const) {
      if (kind === null && which === 'its parent' && !existsSync(place.dir)) continue
      expect(() => place.open(kind)).toThrow(code('DSM_DIR_INSECURE'))
      expect(() => place.open(kind)).toThrow(reason)
    }
    const after = lstatSync(path)
    expect([after.mode, after.uid, after.ino]).toEqual([before.mode, before.uid, before.ino])
    if (after.isDirectory()) expect(readdirSync(path)).toEqual([])
    clean(path)
  }

  function clean(path: string): void {
    rmSync(path, { recursive: true })
    rmSync(place.parent, { recursive: true, force: true })
  }

  test('of mode 0755 is DSM_DIR_INSECURE, and stays so', () => {
    const path = make()
    mkdirSync(path)
    chmodSync(path, 0o755)
    refused(path, 'its mode is 0755, and it must be 0700')
  })

  test('that is a symbolic link is DSM_DIR_INSECURE, and its target stays empty', () => {
    const path = make()
    const target = join(place.root, 'target')
    mkdirSync(target, { mode: 0o700 })
    symlinkSync(target, path)
    refused(path, 'it is a symbolic link')
    expect(readdirSync(target)).toEqual([])
    rmSync(target, { recursive: true })
  })

  test('that is a file is DSM_DIR_INSECURE, and the file keeps its bytes', () => {
    const path = make()
    writeFileSync(path, 'mine')
    const { size } = statSync(path)
    refused(path, 'it is no directory')
    expect(size).toBe(4)
  })

  test('of another user is DSM_DIR_INSECURE', ctx => {
    if (!root) ctx.skip('only root can give a directory to another user')
    const path = make()
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, NOBODY, NOBODY)
    refused(path, `it belongs to uid ${NOBODY}, and this process is uid 0`)
  })
})

test('a lock file of another user, a link or of an open mode is refused and stays', ctx => {
  if (!root) ctx.skip('only root can give a file to another user')
  mkdirSync(place.parent, { mode: 0o700 })
  mkdirSync(place.dir, { mode: 0o700 })
  const lock = join(place.dir, 'lock')
  writeFileSync(lock, '', { mode: 0o600 })
  chownSync(lock, NOBODY, NOBODY)
  expect(() => place.open('posix')).toThrow(code('DSM_FOREIGN'))
  expect(readdirSync(place.dir)).toEqual(['lock'])
  rmSync(lock)
  writeFileSync(lock, '')
  chmodSync(lock, 0o644)
  expect(() => place.open('posix')).toThrow(code('DSM_DIR_INSECURE'))
  rmSync(lock)
  symlinkSync('/dev/null', lock)
  expect(() => place.open('posix')).toThrow(code('DSM_FOREIGN'))
  expect(readdirSync(place.dir)).toEqual(['lock'])
  rmSync(place.parent, { recursive: true })
})

test('wrong names and places are TypeError and RangeError before anything is made', () => {
  const bad: [Record<string, unknown>, string][] = [
    [{ name: 'a/b' }, 'ERR_OUT_OF_RANGE'],
    [{ name: '' }, 'ERR_OUT_OF_RANGE'],
    [{ name: 'x'.repeat(33) }, 'ERR_OUT_OF_RANGE'],
    [{ name: 'Upper' }, 'ERR_OUT_OF_RANGE'],
    [{ name: '..' }, 'ERR_OUT_OF_RANGE'],
    [{ name: 7 }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: undefined }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: 'a', dir: '/b' }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: undefined, dir: 'a\0b' }, 'ERR_OUT_OF_RANGE'],
    [{ maxMembers: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ maxMembers: 1024 }, 'ERR_OUT_OF_RANGE'],
    [{ maxMembers: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ maxMembers: '4' }, 'ERR_INVALID_ARG_TYPE'],
    [{ maxSegments: 65_536 }, 'ERR_OUT_OF_RANGE'],
    [{ maxSegments: Number.NaN }, 'ERR_OUT_OF_RANGE'],
    [{ lockTimeoutMs: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ lockTimeoutMs: Number.POSITIVE_INFINITY }, 'ERR_OUT_OF_RANGE'],
    [{ persist: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ exclusive: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
    [{ logger: { warn() {} } }, 'ERR_INVALID_ARG_TYPE'],
    [{ logger: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ impl: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ impl: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ impl: 5 }, 'ERR_INVALID_ARG_TYPE'],
  ]
  for (const [options, expected] of bad) {
    expect(() => place.open('posix', options as object), JSON.stringify(options)).toThrow(
      code(expected),
    )
  }
  expect(existsSync(place.parent)).toBe(false)
})
