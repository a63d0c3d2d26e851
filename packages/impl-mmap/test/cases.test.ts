/**
 * The cases of the specification about one mechanism, for mapped files, where no other file has
 * them already. What every mechanism does alike is in the conformance suite, at more length.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { newNonce, testDirectory } from '@dsm/native/testing'
import { afterAll, afterEach, expect, test } from 'vitest'
import { mmap } from '../src/index.js'

const root = testDirectory()
const impl = mmap({ dir: join(root, 'files') })
const namespace = impl.open({ dir: root, nonce: newNonce(), options: impl.options })
const path = namespace.osName(2)

afterEach(() => {
  namespace.destroy(2)
})
afterAll(() => rmSync(root, { recursive: true }))

test('case 97: a name that is taken is null, and the file that has it is not touched', () => {
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
  namespace.create(4, 1)!.detach() // so that the directory is there
  expect(() => namespace.attach(2, 4096)).toThrow(
    expect.objectContaining({
      code: 'DSM_NOT_FOUND',
      message: `could not open shared memory segment "${path}": no such file or directory`,
    }),
  )
  expect(existsSync(path)).toBe(false)
  namespace.destroy(4)
})

test('case 100: removed by name while unmapped, a file is gone; again is success too', () => {
  namespace.create(2, 4096)!.detach()
  expect(existsSync(path)).toBe(true)
  expect(namespace.destroy(2)).toBe(true)
  expect(existsSync(path)).toBe(false)
  expect(namespace.destroy(2)).toBe(true)
})
