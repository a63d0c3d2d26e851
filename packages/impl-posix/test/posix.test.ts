/**
 * POSIX shared memory as the system shows it: names, modes, what is refused, what is removed.
 * What every mechanism does alike is in the conformance suite.
 */

import { constants } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DsmEvidence } from '@dsm/impl'
import {
  FOREIGN_FILES,
  leftovers,
  newNonce,
  runOperation,
  whyNoOtherUser,
} from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { posix } from '../src/index.js'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const nonce = newNonce()
const scopeOf = (impl = posix()) => ({ dir: '/tmp', nonce, options: impl.options })
const namespace = posix().open(scopeOf())
const pathOf = (handle: number) => `/dev/shm${namespace.osName(handle)}`
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
const evidenceOf = (fields: Partial<DsmEvidence> = {}): DsmEvidence => ({
  ...{ identity: 0, size: 4096, recordedAtMs: Date.now(), creatorPid: process.pid },
  ...fields,
})

afterEach(() => {
  for (const handle of namespace.enumerate!()) namespace.destroy(handle)
})

describe('names', () => {
  test('case 111: a name is the nonce and the handle in decimal, and at most 31 characters', () => {
    expect(namespace.osName(2)).toBe(`/dsm.${nonce}.2`)
    expect(namespace.osName(2_147_483_648)).toBe(`/dsm.${nonce}.2147483648`)
    expect(namespace.osName(4_294_967_294)).toBe(`/dsm.${nonce}.4294967294`)
    expect(namespace.osName(4_294_967_294).length).toBeLessThanOrEqual(31)
  })

  test('the options are what decides names, and the default is the nonce', () => {
    expect(posix().options).toEqual({ namePrefix: '/dsm.<nonce>.' })
    expect(posix({ namePrefix: '/x-<nonce>-' }).open(scopeOf(posix())).osName(2)).toBe(
      `/dsm.${nonce}.2`,
    ) // the scope's maker decides, not whoever opens it
  })

  test("PostgreSQL's names are shared with a server, so nothing is listed or owned", () => {
    const impl = posix({ namePrefix: '/PostgreSQL.' })
    expect(impl.supports).toMatchObject({ ownsNames: false, enumerate: false })
    const beside = impl.open(scopeOf(impl))
    expect(beside.osName(1804289382)).toBe('/PostgreSQL.1804289382')
    expect(beside.enumerate).toBe(undefined)
  })

  test.each([['', 'dsm.', '/', '//', '/a/b', '/a\0', '/a/../b']])(
    'a prefix with other than one slash at its start is refused: %j',
    (...prefixes) => {
      for (const namePrefix of prefixes) {
        expect(() => posix({ namePrefix })).toThrow(
          expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
        )
      }
      expect(() => posix({ namePrefix: 7 as never })).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
      )
    },
  )

  test('enumerate lists our handles and nothing that only looks like one', () => {
    namespace.create(10, 1)!.detach()
    namespace.create(4_294_967_294, 1)!.detach()
    const odd = ['7', '02', '0', '4294967296', '10x', ''].map(
      text => `/dev/shm/dsm.${nonce}.${text}`,
    )
    for (const path of odd) writeFileSync(path, '')
    expect(namespace.enumerate!().sort()).toEqual([10, 4_294_967_294])
    for (const path of odd) unlinkSync(path)
  })

  test('sizeMax is what this Node can hold in one ArrayBuffer', () => {
    expect(posix().sizeMax).toBe(constants.MAX_LENGTH)
  })
})

describe('objects', () => {
  test('case 101: an object is a file of 0600, of exactly the size, with every block in place', () => {
    const mapping = namespace.create(2, 5000)!
    const file = statSync(pathOf(2))
    expect(file).toMatchObject({
      size: 5000,
      nlink: 1,
      uid: process.geteuid!(),
      ino: mapping.identity,
    })
    expect(file.blocks * 512).toBe(8192)
    expect(modeOf(pathOf(2))).toBe('600')
    mapping.detach()
  })

  test.each([0, 0o777])('the mode is 0600 under umask %o', umask => {
    const before = process.umask(umask)
    namespace.create(2, 1)!.detach()
    process.umask(before)
    expect(modeOf(pathOf(2))).toBe('600')
    namespace.attach(2, 1).detach()
  })

  test('a mapping in use is kept from children and core dumps', () => {
    const mapping = namespace.create(2, 4096)!
    expect(mapping.buffer.byteLength).toBe(4096)
    const part = mapping.part(0, 4096)
    expect(part.buffer.byteLength).toBe(4096)
    const sections = readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[0-9a-f]+-)/m)
    const flags = sections
      .filter(section => section.includes(pathOf(2)))
      .map(section => /^VmFlags: (.*)$/m.exec(section)?.[1]?.split(' '))
    expect(flags.length).toBe(2)
    for (const words of flags) expect(words).toEqual(expect.arrayContaining(['dc', 'dd']))
    mapping.detach()
    part.detach()
  })

  test('a removed name leaves the mapping, and makes room for another object', () => {
    const first = namespace.create(2, 4096)!
    new Uint8Array(first.buffer)[0] = 1
    expect(namespace.destroy(2)).toBe(true)
    const second = namespace.create(2, 4096)!
    expect(second.identity).not.toBe(first.identity)
    expect(new Uint8Array(second.buffer)[0]).toBe(0)
    expect(new Uint8Array(first.buffer)[0]).toBe(1)
    first.detach()
    second.detach()
  })
})

describe.each(Object.entries(FOREIGN_FILES))('%s under our name', (kind, plant) => {
  const foreign = expect.objectContaining({ code: 'DSM_FOREIGN', segment: namespace.osName(2) })

  test('is not created over, not attached, not removed, and not changed', () => {
    const remove = plant(pathOf(2), 4096)
    const look = () => execFileSync('stat', ['-c', '%a %u %h %s %i %F', pathOf(2)]).toString()
    const before = look()
    expect(namespace.create(2, 4096)).toBe(null)
    expect(() => namespace.attach(2, 4096)).toThrow(foreign)
    expect(namespace.destroy(2)).toBe(false)
    expect(namespace.destroy(2, evidenceOf())).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ identity: statSync('/dev/shm').ino }))).toBe(false)
    expect(look()).toBe(before)
    remove()
  })

  test('is told apart by what gave it away', () => {
    const remove = plant(pathOf(2), 4096)
    const texts: Record<string, string> = {
      'a file that others may write': 'its mode is not 0600',
      'a file that its owner may not write': 'its mode is not 0600',
      'a file with a second name': 'it has another name besides',
      'a directory': 'it is no regular file',
      'a FIFO': 'it is no regular file',
      "another user's file": 'it belongs to another user',
    }
    const why = texts[kind] ?? 'it is a symbolic link'
    expect(() => namespace.attach(2, 4096)).toThrow(
      `could not open shared memory segment "${namespace.osName(2)}": ${why}`,
    )
    remove()
  })
})

describe('evidence', () => {
  test('the identity that was recorded removes, another does not', () => {
    const identity = namespace.create(2, 4096)!.identity
    expect(namespace.destroy(2, evidenceOf({ identity: identity + 1 }))).toBe(false)
    expect(existsSync(pathOf(2))).toBe(true)
    expect(namespace.destroy(2, evidenceOf({ identity, size: 1, recordedAtMs: 0 }))).toBe(true)
    expect(existsSync(pathOf(2))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ identity }))).toBe(true)
  })

  test('without an identity, size and time must fit; a file not yet sized fits too', () => {
    const recordedAtMs = Date.now()
    namespace.create(2, 4096)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs: recordedAtMs + 60_000 }))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs, size: 8192 }))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs }))).toBe(true)
    namespace.create(2, 4096)
    truncateSync(pathOf(2), 0)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs }))).toBe(true)
  })

  test('a file that was renamed to our name is not the one that is meant', () => {
    const identity = namespace.create(2, 4096)!.identity
    namespace.create(4, 4096)
    renameSync(pathOf(4), pathOf(2))
    expect(namespace.destroy(2, evidenceOf({ identity }))).toBe(false)
    expect(namespace.destroy(2)).toBe(true)
  })
})

describe('errors', () => {
  test('each says what could not be done, to what, and why', () => {
    const name = namespace.osName(2)
    expect(() => namespace.attach(2, 4096)).toThrow(
      expect.objectContaining({
        ...{ name: 'DsmError', code: 'DSM_NOT_FOUND', errno: 2, syscall: 'open', segment: name },
        message: `could not open shared memory segment "${name}": no such file or directory`,
      }),
    )
    namespace.create(2, 4096)
    expect(() => namespace.attach(2, 4097)).toThrow(
      `could not open shared memory segment "${name}": its length is not the segment's`,
    )
  })

  const alone = whyNoOtherUser(packageDir)
  const reason = alone === null ? '' : ` (skipped: ${alone})`
  test.skipIf(alone !== null)(
    `another user may not remove or attach what is ours${reason}`,
    async () => {
      namespace.create(2, 4096)
      const common = { packageDir, factory: 'posix', handle: 2, size: 4096, nonce, uid: 65534 }
      const options = { ...common, env: { HOME: '/' } }
      expect(await runOperation({ ...options, operation: 'attach' })).toMatchObject({
        code: 'DSM_FOREIGN',
      })
      expect(await runOperation({ ...options, operation: 'destroy' })).toMatchObject({
        result: false,
      })
      expect(await runOperation({ ...options, operation: 'create' })).toMatchObject({
        result: { taken: true },
      })
      chmodSync(pathOf(2), 0o600)
    },
  )
})

test('nothing is left behind', async () => {
  expect(await leftovers()).toEqual([])
})
