/**
 * The cases of the specification about one mechanism, for POSIX shared memory, where no other file
 * has them already. What every mechanism does alike is in the conformance suite, at more length.
 */
import { existsSync } from 'node:fs'
import { newNonce } from '@dsm/native/testing'
import { afterEach, expect, test } from 'vitest'
import { posix } from '../src/index.js'

const scope = { dir: '/tmp', nonce: newNonce(), options: posix().options }
const namespace = posix().open(scope)
const name = namespace.osName(2)

afterEach(() => {
  namespace.destroy(2)
})

test('case 97: a name that is taken is null, and the object that has it is not touched', () => {
  const first = namespace.create(2, 4096)!
  new Uint8Array(first.buffer).fill(7)
  expect(namespace.create(2, 8192)).toBe(null)
  const again = namespace.attach(2, 4096)
  expect(again.identity).toBe(first.identity)
  expect(new Uint8Array(again.buffer).every(byte => byte === 7)).toBe(true)
  first.detach()
  again.detach()
})

test('case 98: attaching what is not there throws, and makes nothing', () => {
  expect(() => namespace.attach(2, 4096)).toThrow(
    expect.objectContaining({
      code: 'DSM_NOT_FOUND',
      message: `could not open shared memory segment "${name}": no such file or directory`,
    }),
  )
  expect(existsSync(`/dev/shm${name}`)).toBe(false)
})

test('case 100: removed by name while unmapped, an object is gone; again is success too', () => {
  namespace.create(2, 4096)!.detach()
  expect(existsSync(`/dev/shm${name}`)).toBe(true)
  expect(namespace.destroy(2)).toBe(true)
  expect(existsSync(`/dev/shm${name}`)).toBe(false)
  expect(namespace.destroy(2)).toBe(true)
})

test('case 111: with PostgreSQL’s prefix the names are PostgreSQL’s', () => {
  const impl = posix({ namePrefix: '/PostgreSQL.' })
  const beside = impl.open({ ...scope, options: impl.options })
  expect([2, 2_147_483_648, 4_294_967_294].map(handle => beside.osName(handle))).toEqual([
    '/PostgreSQL.2',
    '/PostgreSQL.2147483648',
    '/PostgreSQL.4294967294',
  ])
})
