/**
 * The cases of the specification about one mechanism, for System V segments, where no other file
 * has them already. What every mechanism does alike is in the conformance suite, at more length.
 */
import { fileURLToPath } from 'node:url'
import { injecting, newNonce, runOperation, whyNot } from '@dsm/native/testing'
import { afterAll, afterEach, expect, test } from 'vitest'
import { sysv } from '../src/index.js'
import { removeStranger, show } from './stranger.js'

afterAll(removeStranger)

const nonce = newNonce()
const namespace = sysv().open({ dir: '/tmp', nonce, options: {} })
/** Keys are everybody's on this machine, so handles are drawn. */
const handle = (Math.floor(Math.random() * 0x3fff_ffff) + 1) * 2
const name = namespace.osName(handle)
const absent = expect.objectContaining({
  code: 'DSM_NOT_FOUND',
  message: `could not open shared memory segment "${name}": no such file or directory`,
})

afterEach(() => {
  namespace.destroy(handle)
})

test('case 97: a key that is taken is null, and the segment that has it is not touched', () => {
  const first = namespace.create(handle, 4096)!
  new Uint8Array(first.buffer).fill(7)
  expect(namespace.create(handle, 8192)).toBe(null)
  const again = namespace.attach(handle, 4096)
  expect(again.identity).toBe(first.identity)
  expect(new Uint8Array(again.buffer).every(byte => byte === 7)).toBe(true)
  first.detach()
  again.detach()
})

test('case 98: attaching what is not there throws, and makes nothing', () => {
  expect(() => namespace.attach(handle, 4096)).toThrow(absent)
  expect(() => namespace.attach(handle, 4096)).toThrow(absent)
})

test('case 100: removed by key while unmapped, a segment is gone; again is success too', () => {
  const mapping = namespace.create(handle, 4096)!
  mapping.detach()
  expect(show(mapping.identity).attached).toBe(0)
  expect(namespace.destroy(handle)).toBe(true)
  expect(() => show(mapping.identity)).toThrow()
  expect(() => namespace.attach(handle, 4096)).toThrow(absent)
  expect(namespace.destroy(handle)).toBe(true)
})

test('case 109: attached with the length it was created with; a longer one is no system error', () => {
  namespace.create(handle, 5000)!.detach()
  const mapping = namespace.attach(handle, 5000)
  expect(mapping.buffer.byteLength).toBe(5000)
  expect(() => namespace.attach(handle, 5001)).toThrow(
    expect.objectContaining({ code: 'DSM_FOREIGN' }), // asked for so much, shmget says EINVAL
  )
  mapping.detach()
})

const noStrace = whyNot('strace')
test.skipIf(noStrace !== null)(
  `case 110: not being allowed to create is an error, not a name that is taken${
    noStrace === null ? '' : ` (skipped: ${noStrace})`
  }`,
  async () => {
    const packageDir = fileURLToPath(new URL('..', import.meta.url))
    const common = { packageDir, factory: 'sysv', handle, size: 4096, nonce }
    const prefix = injecting('shmget:error=EACCES')
    expect(await runOperation({ ...common, operation: 'create', prefix })).toMatchObject({
      code: 'DSM_ACCESS',
      message: expect.stringContaining('could not create shared memory segment'),
    })
    expect(() => namespace.attach(handle, 4096)).toThrow(absent)
  },
)
