/**
 * Large segments in pages of 2 MiB, as the kernel tells of them in /proc/self/smaps. That a kernel
 * which refuses is no error is told by the unit program of @dsm/native, by the campaign of faults
 * and, as there is nothing to be seen here then, by everything else.
 */
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { newNonce } from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { posix } from '../src/index.js'

const MIB = 1 << 20
const POLICY = '/sys/kernel/mm/transparent_hugepage/shmem_enabled'

/** null: it can. */
function whyNone(): string | null {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 1)) return 'needs Linux 6.1'
  if (process.arch !== 'x64' && process.arch !== 'arm64') return 'needs huge pages of 2 MiB'
  try {
    return readFileSync(POLICY, 'utf8').includes('[deny]') ? `${POLICY} denies them` : null
  } catch {
    return 'needs a kernel with transparent huge pages'
  }
}

const namespace = posix().open({ dir: '/tmp', nonce: newNonce(), options: posix().options })

/** Of each mapping of a segment here, the bytes that are mapped in huge pages. */
function hugeBytes(handle: number): number[] {
  const name = `/dev/shm${namespace.osName(handle)}`
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/\n(?=[\da-f]+-[\da-f]+ )/)
  return mappings
    .filter(text => text.split('\n', 1)[0]!.endsWith(name))
    .map(text => Number(/ShmemPmdMapped: +(\d+) kB/.exec(text)![1]) * 1024)
}

/** How often the kernel had no huge page to give, since it was started. */
const refusals = (): number =>
  Number(/^thp_collapse_alloc_failed (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1])

/** Whose memory is in small pieces by now has nothing to show here. */
function expectHuge(expected: number[], before: number, skip: (why: string) => void): void {
  const found = hugeBytes(2)
  if (found.join() !== expected.join() && refusals() > before) skip('no huge page was free')
  expect(found).toEqual(expected)
}

const touchAll = (bytes: Uint8Array): number => {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 4096) sum += bytes[at]!
  return sum
}

afterEach(() => {
  for (const handle of namespace.enumerate!()) namespace.destroy(handle)
})

const none = whyNone()

describe.skipIf(none !== null)(`huge pages${none === null ? '' : ` (skipped: ${none})`}`, () => {
  test.for([
    ['all of it', 8 * MIB, 8 * MIB],
    ['what is whole', 5 * MIB + 1, 4 * MIB],
    ['none of less', 2 * MIB - 1, 0],
    ['across chunks of allocation', 66 * MIB, 66 * MIB],
  ] as const)('%s, wherever it is mapped', ([, size, huge], { skip }) => {
    const before = refusals()
    const made = namespace.create(2, size)!
    const attached = namespace.attach(2, size)
    const bytes = new Uint8Array(attached.buffer)
    expect(bytes.length).toBe(size)
    expect(touchAll(bytes)).toBe(0)
    expect(touchAll(new Uint8Array(made.buffer))).toBe(0)
    expectHuge([huge, huge], before, skip)
    made.detach()
    attached.detach()
  })

  test('the same on the thread pool', async ({ skip }) => {
    const before = refusals()
    const made = (await namespace.createAsync(2, 4 * MIB))!
    touchAll(new Uint8Array(made.buffer))
    expectHuge([4 * MIB], before, skip)
    made.detach()
  })

  test('parts of it show the same bytes', () => {
    const made = namespace.create(2, 4 * MIB)!
    const part = made.part(3 * 4096, 2 * MIB + 5)
    new Uint8Array(made.buffer).fill(7)
    expect(new Uint8Array(part.buffer).every(byte => byte === 7)).toBe(true)
    new Uint8Array(part.buffer)[2 * MIB] = 9
    expect(new Uint8Array(made.buffer)[2 * MIB + 3 * 4096]).toBe(9)
    part.detach()
    made.detach()
  })
})
