/**
 * Mapped files when the system says no: system calls that fail, a file system that is full, signals
 * that do not stop, more than 4 GiB. Each in a process of its own.
 */
import { existsSync, mkdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  injecting,
  leftovers,
  newNonce,
  nodeBinary,
  onSmallTmpfs,
  runOperation,
  testDirectory,
  whyNot,
} from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { mmap } from '../src/index.js'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const root = testDirectory()
const dir = join(root, 'files')
const nonce = newNonce()
const impl = mmap({ dir })
const namespace = impl.open({ dir: root, nonce, options: impl.options })
const path = namespace.osName(2)
const common = {
  ...{ packageDir, factory: 'mmap', factoryOptions: { dir }, handle: 2, size: 1 << 20, nonce },
}
const skipping = (why: string | null) => (why === null ? '' : ` (skipped: ${why})`)

afterEach(() => rmSync(dir, { recursive: true, force: true }))

const noStrace = whyNot('strace')
/** openat and statx also open and look at the two directories, in that order. */
const FAULTS = [
  ['create', 'mkdirat:error=EROFS', 'DSM_ACCESS', 'create', 'read-only file system'],
  ['create', 'openat:error=EMFILE:when=1', 'DSM_NO_MEMORY', 'create', 'too many open files'],
  ['create', 'fallocate:error=ENOSPC', 'DSM_NO_SPACE', 'resize', 'no space left on device'],
  ['create', 'fallocate:error=EDQUOT', 'DSM_NO_SPACE', 'resize', 'disk quota exceeded'],
  ['create', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['createAsync', 'fallocate:error=EFBIG', 'DSM_NO_SPACE', 'resize', 'file too large'],
  ['createAsync', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['attach', 'openat:error=EEXIST:when=3', 'DSM_IO', 'open', 'file already exists'],
  ['attach', 'statx:error=EIO:when=1', 'DSM_IO', 'open', 'i/o error'],
  ['attach', 'mmap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['part', 'mremap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['destroy', 'unlinkat:error=EROFS', 'DSM_ACCESS', 'remove', 'read-only file system'],
] as const

describe.skipIf(noStrace !== null)(
  `cases 99, 104 and 106: a system call fails: an error, what was made goes${skipping(noStrace)}`,
  () => {
    test.each(FAULTS)('%s with %s is %s', async (operation, fault, code, verb, text) => {
      const makes = operation === 'create' || operation === 'createAsync'
      if (!makes) namespace.create(2, common.size)!.detach()
      else if (!fault.startsWith('mkdirat'))
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      const where = operation === 'part' ? [] : [dir, dirname(path), path]
      const told = await runOperation({ ...common, operation, prefix: injecting(fault, ...where) })
      const said = `could not ${verb} shared memory segment "${path}": ${text}`
      expect(told).toMatchObject({ name: 'DsmError', code, message: expect.stringContaining(said) })
      expect(existsSync(path)).toBe(!makes) // what was made is gone; what was there stays
    })
  },
)

test('a storm of signals does not keep a large file from being made', async () => {
  const size = 256 << 20
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
  expect(statSync(path)).toMatchObject({ size })
})

const noMount = whyNot('unshare')
describe.skipIf(noMount !== null)(`a full file system${skipping(noMount)}`, () => {
  test.each(['create', 'createAsync'] as const)('%s says so, and how much is free', async op => {
    const prefix = onSmallTmpfs(root, 1 << 20)
    for (const size of [2 << 20, 64 << 20]) {
      expect(await runOperation({ ...common, operation: op, size, prefix })).toMatchObject({
        code: 'DSM_NO_SPACE',
        message:
          `could not resize shared memory segment "${path}": no space left on device. ` +
          '1048576 of 1048576 bytes are free there',
      })
    }
  })
})

const size = 2 ** 32 + 8192
const node = process.versions.node.startsWith('20.') ? nodeBinary(22) : process.execPath
const room = statfsSync(root).bavail * statfsSync(root).bsize
const noNode = node === null ? 'node@22 could not be had' : null
const tooSmall = room > 2 * size ? noNode : 'there is no room for 4 GiB'
test.skipIf(tooSmall !== null)(
  `case 105: 4 GiB and 8,192 bytes are allocated to the last block${skipping(tooSmall)}`,
  async () => {
    const told = await runOperation({ ...common, operation: 'createAsync', size, node: node! })
    expect(told).toMatchObject({ result: { first: 1, last: 2 } })
    expect(statSync(path).size).toBe(size)
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(size)
  },
)

test('nothing is left behind', async () => {
  rmSync(root, { recursive: true })
  expect(await leftovers()).toEqual([])
})
