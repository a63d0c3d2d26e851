/**
 * POSIX shared memory when the system says no: system calls that fail, a file system that is full,
 * signals that do not stop, more than 4 GiB. Each in a process of its own.
 */
import { existsSync, statfsSync, statSync, truncateSync } from 'node:fs'
import { freemem } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  injecting,
  leftovers,
  newNonce,
  nodeBinary,
  onSmallTmpfs,
  runOperation,
  whyNot,
} from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { posix } from '../src/index.js'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const nonce = newNonce()
const namespace = posix().open({ dir: '/tmp', nonce, options: posix().options })
const name = namespace.osName(2)
const path = `/dev/shm${name}`
const common = { packageDir, factory: 'posix', handle: 2, size: 1 << 20, nonce }
const skipping = (why: string | null) => (why === null ? '' : ` (skipped: ${why})`)

afterEach(() => {
  namespace.destroy(2)
})

const noStrace = whyNot('strace')
const FAULTS = [
  ['create', 'openat:error=EMFILE', 'DSM_NO_MEMORY', 'create', 'too many open files'],
  ['create', 'openat:error=EACCES', 'DSM_ACCESS', 'create', 'permission denied'],
  ['create', 'statx:error=EIO:when=1', 'DSM_IO', 'stat', 'i/o error'],
  ['create', 'fallocate:error=ENOSPC', 'DSM_NO_SPACE', 'resize', 'no space left on device'],
  ['create', 'fallocate:error=EFBIG', 'DSM_NO_SPACE', 'resize', 'file too large'],
  ['create', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['createAsync', 'fallocate:error=ENOSPC', 'DSM_NO_SPACE', 'resize', 'no space left on device'],
  ['createAsync', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['attach', 'openat:error=EEXIST', 'DSM_IO', 'open', 'file already exists'],
  ['attach', 'openat:error=EIO', 'DSM_IO', 'open', 'i/o error'],
  ['attach', 'statx:error=EIO', 'DSM_IO', 'stat', 'i/o error'],
  ['attach', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['part', 'mremap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['destroy', 'unlink:error=EROFS', 'DSM_ACCESS', 'remove', 'read-only file system'],
  ['destroy', 'statx:error=EIO', 'DSM_IO', 'open', 'i/o error'],
] as const

describe.skipIf(noStrace !== null)(
  `cases 99 and 104: a system call fails: an error, what was made goes${skipping(noStrace)}`,
  () => {
    test.each(FAULTS)('%s with %s is %s', async (operation, fault, code, verb, text) => {
      const makes = operation === 'create' || operation === 'createAsync'
      if (!makes) namespace.create(2, common.size)!.detach()
      const where = operation === 'part' ? [] : [path]
      const told = await runOperation({ ...common, operation, prefix: injecting(fault, ...where) })
      const said = `could not ${verb} shared memory segment "${name}": ${text}`
      expect(told).toMatchObject({ name: 'DsmError', code, message: expect.stringContaining(said) })
      expect(told).toMatchObject({ sameMask: true })
      expect(existsSync(path)).toBe(!makes) // what was made is gone; what was there stays
    })

    test('destroy by evidence opens nothing: it needs no descriptor to be free', async () => {
      const identity = namespace.create(2, common.size)!.identity
      const prefix = injecting('openat:error=EMFILE', path)
      const told = (its: number) => {
        const env = { DSM_TEST_IDENTITY: String(its) }
        return runOperation({ ...common, operation: 'destroy', prefix, env })
      }
      expect(await told(identity + 1)).toMatchObject({ result: false })
      expect(await told(identity)).toMatchObject({ result: true })
      expect(existsSync(path)).toBe(false)
    })

    test('case 103: EINTR during allocation is retried until it is done', async () => {
      const prefix = injecting('fallocate:error=EINTR:when=1..7', path)
      const told = await runOperation({ ...common, operation: 'create', prefix })
      expect(told).toMatchObject({ result: { first: 1, last: 2 }, sameMask: true })
    })
  },
)

test('case 103: a storm of signals does not keep a large object from being made', async () => {
  const size = 512 << 20
  let timer: NodeJS.Timeout | undefined
  const told = await runOperation({
    ...{ ...common, operation: 'create', size, env: { DSM_TEST_STORM: '1' } },
    onSpawn(child) {
      child.stdout!.once('data', () => {
        timer = setInterval(() => child.kill('SIGUSR2'), 1)
      })
      child.once('exit', () => clearInterval(timer))
    },
  })
  expect(told).toMatchObject({ result: { first: 1, last: 2 }, sameMask: true })
  expect(told.signals).toBeGreaterThan(1)
  expect(statSync(path)).toMatchObject({ size })
})

const noMount = whyNot('unshare')
describe.skipIf(noMount !== null)(
  `case 102: a full file system is an error of create${skipping(noMount)}`,
  () => {
    const prefix = onSmallTmpfs('/dev/shm', 1 << 20)
    const told = (operation: 'create' | 'createAsync', size: number) =>
      runOperation({ ...common, operation, size, prefix })

    test.each(['create', 'createAsync'] as const)('%s says so, and how much is free', async op => {
      for (const size of [(1 << 20) + 1, 64 << 20]) {
        expect(await told(op, size)).toMatchObject({
          code: 'DSM_NO_SPACE',
          message:
            `could not resize shared memory segment "${name}": no space left on device. ` +
            '1048576 of 1048576 bytes are free there; in a container, give it more shared memory ' +
            '(docker run --shm-size)',
          ...{ errno: 28, syscall: 'posix_fallocate' },
        })
      }
    })

    test('what just fits is made', async () => {
      expect(await told('create', 1 << 20)).toMatchObject({ result: { first: 1, last: 2 } })
    })
  },
)

const size = 2 ** 32 + 8192
const node = process.versions.node.startsWith('20.') ? nodeBinary(22) : process.execPath
const room = Math.min(freemem(), statfsSync('/dev/shm').bavail * statfsSync('/dev/shm').bsize)
const noRoom = node === null ? 'node@22 could not be had' : null
const tooSmall = room > 2 * size ? noRoom : 'there is no room for 4 GiB'
test.skipIf(tooSmall !== null)(
  `more than 4 GiB are allocated to the last block${skipping(tooSmall)}`,
  async () => {
    const told = await runOperation({ ...common, operation: 'createAsync', size, node: node! })
    expect(told).toMatchObject({ result: { first: 1, last: 2 } })
    const file = statSync(path)
    truncateSync(path, 0)
    expect(file.size).toBe(size)
    expect(file.blocks * 512).toBeGreaterThanOrEqual(size)
  },
)

test('nothing is left behind', async () => expect(await leftovers()).toEqual([]))
