/**
 * System V segments when the system says no: calls that fail, limits, signals that do not stop,
 * more than 4 GiB. Each in a process of its own.
 */
import { freemem } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  injecting,
  leftovers,
  newNonce,
  nodeBinary,
  runOperation,
  whyNot,
} from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { sysv } from '../src/index.js'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const nonce = newNonce()
const namespace = sysv().open({ dir: '/tmp', nonce, options: {} })
const handle = (Math.floor(Math.random() * 0x3fff_ffff) + 1) * 2
const name = namespace.osName(handle)
const common = { packageDir, factory: 'sysv', handle, size: 1 << 20, nonce }
const skipping = (why: string | null) => (why === null ? '' : ` (skipped: ${why})`)

afterEach(() => {
  namespace.destroy(handle)
})

const noStrace = whyNot('strace')
const FAULTS = [
  ['create', 'shmget:error=ENOSPC', 'DSM_NO_SPACE', 'create', 'no space left on device'],
  ['create', 'shmget:error=ENOMEM', 'DSM_NO_MEMORY', 'create', 'not enough memory'],
  ['create', 'shmat:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['createAsync', 'shmat:error=EMFILE', 'DSM_NO_MEMORY', 'map', 'too many open files'],
  ['attach', 'shmget:error=EEXIST', 'DSM_IO', 'open', 'file already exists'],
  ['attach', 'shmctl:error=EIO', 'DSM_IO', 'stat', 'i/o error'],
  ['attach', 'shmctl:error=EIDRM', 'DSM_IO', 'stat', 'invalid argument'],
  ['attach', 'shmat:error=EINVAL', 'DSM_IO', 'map', 'invalid argument'],
  ['attach', 'shmat:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['part', 'mremap:error=ENOMEM', 'DSM_NO_MEMORY', 'map', 'not enough memory'],
  ['destroy', 'shmctl:error=EPERM:when=2', 'DSM_ACCESS', 'remove', 'operation not permitted'],
  ['destroy', 'shmctl:error=EINVAL', 'DSM_IO', 'stat', 'invalid argument'],
  ['destroy', 'shmctl:error=EIDRM:when=2+', 'DSM_IO', 'remove', 'invalid argument'],
] as const

describe.skipIf(noStrace !== null)(
  `case 99: a system call fails: an error, what was made goes${skipping(noStrace)}`,
  () => {
    test.each(FAULTS)('%s with %s is %s', async (operation, fault, code, verb, text) => {
      const makes = operation === 'create' || operation === 'createAsync'
      if (!makes) namespace.create(handle, common.size)!.detach()
      const told = await runOperation({ ...common, operation, prefix: injecting(fault) })
      const said = `could not ${verb} shared memory segment "${name}": ${text}`
      expect(told).toMatchObject({ name: 'DsmError', code, message: expect.stringContaining(said) })
      const attach = () => namespace.attach(handle, common.size).detach()
      if (makes) expect(attach).toThrow('no such file or directory')
      else attach()
    })

    test.each([
      ['attach', 'shmctl:error=EIDRM:when=1', {}],
      ['attach', 'shmat:error=EINVAL:when=1', {}],
      ['destroy', 'shmctl:error=EINVAL:when=1', true],
      ['destroy', 'shmctl:error=EINVAL:when=2', true],
      ['destroy', 'shmctl:error=EIDRM:when=2', true],
    ] as const)(
      '%s with %s: the key is asked again, and bears it',
      async (operation, fault, result) => {
        namespace.create(handle, common.size)!.detach()
        const told = await runOperation({ ...common, operation, prefix: injecting(fault) })
        expect(told).toMatchObject({ result })
        const attach = () => namespace.attach(handle, common.size).detach()
        if (operation === 'destroy') expect(attach).toThrow('no such file or directory')
        else attach()
      },
    )
  },
)

const noIpc = whyNot('unshare --ipc')
test.skipIf(noIpc !== null)(`the kernel's limits are named${skipping(noIpc)}`, async () => {
  const limit = 'echo 0 > /proc/sys/kernel/shmmni && exec "$@"'
  const prefix = ['unshare', '--ipc', 'sh', '-c', limit, 'sh']
  expect(await runOperation({ ...common, operation: 'create', prefix })).toMatchObject({
    code: 'DSM_NO_SPACE',
    message:
      `could not create shared memory segment "${name}": no space left on device. ` +
      "See the kernel's limits: sysctl kernel.shmmni",
  })
})

test('a storm of signals does not keep a large segment from being made', async () => {
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
  expect(told.signals).toBeGreaterThan(0)
})

const size = 2 ** 32 + 8192
const node = process.versions.node.startsWith('20.') ? nodeBinary(22) : process.execPath
const noNode = node === null ? 'node@22 could not be had' : null
const tooSmall = freemem() > 2 * size ? noNode : 'there is no room for 4 GiB'
test.skipIf(tooSmall !== null)(
  `more than 4 GiB are made, mapped and removed${skipping(tooSmall)}`,
  async () => {
    const told = await runOperation({ ...common, operation: 'createAsync', size, node: node! })
    expect(told).toMatchObject({ result: { first: 1, last: 2 } })
    expect(namespace.destroy(handle)).toBe(true)
  },
)

test('nothing is left behind', async () => expect(await leftovers()).toEqual([]))
