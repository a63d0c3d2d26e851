/** LockFile in one process. What happens at death is in death.test.ts. */
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DsmError, type DsmErrorCode } from '@dsm/impl'
import { requirements } from '@dsm/native/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byteOf, LockFile, tokenOf } from '../src/index.js'
import { Arena, leftovers } from './arena.js'

let arena: Arena
beforeAll(() => {
  arena = new Arena()
})
afterAll(() => {
  arena[Symbol.dispose]()
  expect(leftovers()).toEqual([])
})

function codeOf(work: () => unknown): DsmErrorCode | string | undefined {
  try {
    work()
    return 'no error'
  } catch (error) {
    return DsmError.isInstance(error) ? error.code : (error as { code?: string }).code
  }
}

describe('opening', () => {
  const at = (name: string) => join(arena.dir, name)

  test('creates with mode 0600 whatever the umask, and opens again', () => {
    const umask = process.umask(0o777)
    const file = LockFile.open(at('new'), { create: true })
    process.umask(umask)
    expect(statSync(at('new')).mode & 0o777).toBe(0o600)
    LockFile.open(at('new')).close()
    file.close()
  })

  test('says by code what stood against it', () => {
    writeFileSync(at('wide'), '', { mode: 0o600 })
    chmodSync(at('wide'), 0o640)
    symlinkSync(at('new'), at('link'))
    mkdirSync(at('folder'))
    expect(codeOf(() => LockFile.open(at('absent')))).toBe('DSM_NOT_FOUND')
    expect(codeOf(() => LockFile.open(at('no/such/folder'), { create: true }))).toBe(
      'DSM_NOT_FOUND',
    )
    expect(codeOf(() => LockFile.open(at('new'), { create: true, exclusive: true }))).toBe(
      'DSM_IN_USE',
    )
    expect(codeOf(() => LockFile.open(at('wide')))).toBe('DSM_DIR_INSECURE')
    expect(codeOf(() => LockFile.open(at('link')))).toBe('DSM_FOREIGN')
    expect(codeOf(() => LockFile.open(at('folder')))).toBe('DSM_FOREIGN')
    expect(codeOf(() => LockFile.open('/dev/null'))).toBe('DSM_FOREIGN')
  })

  const isRoot = process.getuid?.() === 0
  test.skipIf(!isRoot)(`another user’s file is foreign${isRoot ? '' : ' — needs root'}`, () => {
    writeFileSync(at('theirs'), '', { mode: 0o600 })
    chownSync(at('theirs'), 12345, 12345)
    expect(codeOf(() => LockFile.open(at('theirs')))).toBe('DSM_FOREIGN')
  })

  test('the sentence names the file and the system’s reason', () => {
    expect(() => LockFile.open(at('absent'))).toThrow(
      `could not open lock file "${at('absent')}": no such file or directory`,
    )
    expect(() => LockFile.open(at('wide'))).toThrow('others may read or write it. Its mode must be')
  })

  test('refuses what is no path, with Node’s codes', () => {
    expect(codeOf(() => LockFile.open(7 as never))).toBe('ERR_INVALID_ARG_TYPE')
    expect(codeOf(() => LockFile.open('a\0b'))).toBe('ERR_OUT_OF_RANGE')
    expect(codeOf(() => LockFile.open('x', 'create' as never))).toBe('ERR_INVALID_ARG_TYPE')
  })

  test('finds by trying that byte locks work here', () => {
    expect(arena.members.supported).toBe(true)
  })
})

describe('bytes', () => {
  test('one owner at a time, each byte for itself', () => {
    const [a, b] = [arena.open('members'), arena.open('members')]
    expect(a.take(5)).toBe(true)
    expect(b.take(5)).toBe(false)
    expect(b.take(4)).toBe(true)
    expect(b.take(6)).toBe(true)
    a.release(5)
    expect(b.take(5)).toBe(true)
    a.close()
    b.close()
  })

  test('an own byte is never said to be free, and is not taken twice', () => {
    const file = arena.open('members')
    file.take(9)
    expect(file.probe(9)).toBe(true)
    expect(file.holds(9)).toBe(true)
    expect(codeOf(() => file.take(9))).toBe('DSM_LOCK_HELD')
    file.release(9)
    expect(file.probe(9)).toBe(false)
    file.release(9) // harmless
    file.close()
  })

  test('a range is asked about others only, and the first of theirs is found', () => {
    const [a, b] = [arena.open('members'), arena.open('members')]
    for (const offset of [300, 20, 100]) a.take(offset)
    expect(a.probeRange(0, 1000)).toBe(false)
    expect(b.probeRange(0, 1000)).toBe(true)
    expect(b.probeRange(101, 199)).toBe(false)
    expect(b.firstHeld(0, 1000)).toBe(20)
    expect(b.firstHeld(21, 1000)).toBe(100)
    expect(b.firstHeld(101, 1000)).toBe(300)
    expect(b.firstHeld(301, 1000)).toBeNull()
    a.close()
    expect(b.probeRange(0, 1000)).toBe(false)
    b.close()
  })

  test('offsets reach to 2^53 - 1', () => {
    const [a, b] = [arena.open('members'), arena.open('members')]
    const last = Number.MAX_SAFE_INTEGER
    a.take(last)
    expect(b.probe(last)).toBe(true)
    expect(b.probe(last - 1)).toBe(false)
    expect(b.firstHeld(0, last)).toBeNull()
    expect(b.firstHeld(last, 1)).toBe(last)
    for (const wrong of [-1, 1.5, last + 1, Number.NaN]) {
      expect(codeOf(() => a.take(wrong))).toBe('ERR_OUT_OF_RANGE')
      expect(codeOf(() => a.probe(wrong))).toBe('ERR_OUT_OF_RANGE')
    }
    a.close()
    b.close()
  })

  test('heldIn answers for many tokens at once, own ones included', () => {
    const [a, b] = [arena.open('members'), arena.open('members')]
    const tokens = Int32Array.from({ length: 100 }, (_, member) => tokenOf(member, member % 7))
    tokens[50] = 0
    tokens[51] = -5
    const living = [0, 31, 32, 63, 64, 99]
    for (const member of living) (member % 2 ? a : b).take(byteOf(tokens[member]!))
    const bits = new Int32Array(4).fill(-1)
    expect(b.heldIn(tokens, bits)).toBe(living.length)
    const found = [...tokens.keys()].filter(i => (bits[i >> 5]! >> (i & 31)) & 1)
    expect(found).toEqual(living)
    expect(b.heldIn(tokens, bits, 1)).toBe(1)
    expect(codeOf(() => b.heldIn(tokens, new Int32Array(3)))).toBe('ERR_OUT_OF_RANGE')
    expect(codeOf(() => b.heldIn([1] as never, bits))).toBe('ERR_INVALID_ARG_TYPE')
    a.close()
    b.close()
  })

  test('closing one open file leaves the bytes of another one of the same file', () => {
    const [a, b, c] = [arena.open('members'), arena.open('members'), arena.open('members')]
    a.take(1)
    b.close()
    expect(c.probe(1)).toBe(true)
    a.close()
    expect(c.probe(1)).toBe(false)
    c.close()
  })
})

test('linkCount falls to 0 when the file is unlinked', () => {
  const file = arena.open('doomed')
  expect(file.linkCount()).toBe(1)
  unlinkSync(join(arena.dir, 'doomed'))
  expect(file.linkCount()).toBe(0)
  file.close()
})

test('after close everything says DSM_CLOSED, and close may be repeated', () => {
  const file = arena.open('members')
  file.close()
  file.close()
  const bits = new Int32Array(1)
  for (const use of [
    () => file.take(1),
    () => file.release(1),
    () => file.holds(1),
    () => file.probe(1),
    () => file.probeRange(1, 1),
    () => file.firstHeld(1, 1),
    () => file.heldIn(bits, bits),
    () => file.linkCount(),
  ]) {
    expect(codeOf(use)).toBe('DSM_CLOSED')
  }
})

test('the addon asks for glibc 2.28 at most, as Node does', () => {
  const asks = requirements(join(import.meta.dirname, '..'))
  expect(asks?.glibcMinor).toBeGreaterThan(0)
  expect(asks?.glibcMinor).toBeLessThanOrEqual(28)
})

describe('a descriptor that foreign code has closed', () => {
  const descriptorOf = (path: string): number =>
    readdirSync('/proc/self/fd')
      .map(Number)
      .find(fd => linkOf(fd) === path) ?? -1

  function linkOf(fd: number): string {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the one of readdir itself
    }
  }

  test('is not asked about bytes when its number is another file’s, nor closed', () => {
    const [mine, others] = [join(arena.dir, 'lost'), join(arena.dir, 'found')]
    const lost = LockFile.open(mine, { create: true })
    const number = descriptorOf(mine)
    closeSync(number)
    const found = LockFile.open(others, { create: true })
    expect(descriptorOf(others)).toBe(number)
    const tokens = Int32Array.of(tokenOf(0, 1))
    for (const ask of [
      () => lost.probe(5),
      () => lost.probeRange(0, 9),
      () => lost.take(5),
      () => lost.heldIn(tokens, new Int32Array(1)),
      () => lost.linkCount(),
    ]) {
      expect(codeOf(ask)).toBe('DSM_CLOSED')
    }
    lost.close()
    expect(found.take(5)).toBe(true)
    found.close()
  })
})
