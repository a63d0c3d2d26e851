/**
 * System V segments as the system shows them: keys, modes, attachments, what is refused.
 * What every mechanism does alike is in the conformance suite.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DsmEvidence } from '@dsm/impl'
import { leftovers, newNonce, runOperation, whyNoOtherUser, whyNot } from '@dsm/native/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { copySegment, sysv } from '../src/index.js'
import { FOREIGN_SEGMENTS, make, remove, removeStranger, show } from './stranger.js'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const nonce = newNonce()
const namespace = sysv().open({ dir: '/tmp', nonce, options: {} })
/** Keys are everybody's on this machine, so handles are drawn. */
const handle = (Math.floor(Math.random() * 0x3fff_ffff) + 1) * 2
const evidenceOf = (fields: Partial<DsmEvidence> = {}): DsmEvidence => ({
  ...{ identity: 0, size: 4096, recordedAtMs: Date.now(), creatorPid: process.pid },
  ...fields,
})
const twin = 2 ** 32 - handle
const foreign = expect.objectContaining({ code: 'DSM_FOREIGN', segment: namespace.osName(handle) })

afterEach(() => {
  namespace.destroy(handle)
})

describe('keys', () => {
  test('case 111: a key is the handle as a signed number, made positive, in hexadecimal', () => {
    expect(namespace.osName(2)).toBe('0x00000002')
    expect(namespace.osName(3_913_278_812)).toBe('0x16c01aa4')
    expect(Number(namespace.osName(3_913_278_812))).toBe(2 ** 32 - 3_913_278_812)
    expect(namespace.osName(4_294_967_294)).toBe('0x00000002')
  })

  test('case 108: 2^31 has no negative in 32 bits and keeps its own', () => {
    expect(namespace.osName(2_147_483_648)).toBe('0x80000000')
    const mapping = namespace.create(2_147_483_648, 4096)
    mapping?.detach() // null if somebody else on this machine has it
    expect(namespace.destroy(2_147_483_648)).toBe(mapping !== null)
  })

  test('no even handle but 0 gives IPC_PRIVATE', () => {
    for (let bit = 1; bit < 32; bit += 1) expect(namespace.osName(2 ** bit)).not.toBe('0x00000000')
  })

  test('case 107: h and 2^32 - h are one name: the second is taken', () => {
    expect(namespace.sameName!(handle, twin)).toBe(true)
    expect(namespace.sameName!(handle, handle + 2)).toBe(false)
    const mapping = namespace.create(handle, 4096)!
    expect(namespace.create(twin, 4096)).toBe(null)
    const other = namespace.attach(twin, 4096)
    expect(other.identity).toBe(mapping.identity)
    other.detach()
    mapping.detach()
  })

  test('options and abilities', () => {
    expect(sysv()).toMatchObject({
      ...{ kind: 'sysv', options: {} },
      supports: { crossProcess: true, enumerate: false, ownsNames: false, survivesReboot: false },
    })
    expect(namespace.enumerate).toBe(undefined)
    const shmmax = Number(readFileSync('/proc/sys/kernel/shmmax', 'latin1'))
    expect(sysv().sizeMax).toBeLessThanOrEqual(shmmax)
  })
})

describe('segments', () => {
  test('case 101: a segment is 0600, of exactly the size, and its id is the identity', () => {
    const mapping = namespace.create(handle, 5000)!
    expect(show(mapping.identity)).toEqual({
      ...{ attached: 1, bytes: 5000, mode: '600', uid: process.geteuid!() },
    })
    mapping.detach()
  })

  test('detach is one attachment less at once, with a buffer and without, and for parts', () => {
    const mapping = namespace.create(handle, 8192)!
    const { identity } = mapping
    const part = mapping.part(4096, 4096)
    const other = namespace.attach(handle, 8192)
    expect(show(identity).attached).toBe(3)
    expect(part.buffer.byteLength + mapping.buffer.byteLength).toBe(4096 + 8192)
    part.detach()
    expect(show(identity).attached).toBe(2)
    mapping.detach()
    expect(show(identity).attached).toBe(1)
    other.detach() // never had a buffer
    expect(show(identity).attached).toBe(0)
  })

  test('a removed segment is gone with its last attachment; its key is free at once', () => {
    const mapping = namespace.create(handle, 4096)!
    new Uint8Array(mapping.buffer)[7] = 7
    expect(namespace.destroy(handle)).toBe(true)
    expect(() => namespace.attach(handle, 4096)).toThrow(
      expect.objectContaining({ code: 'DSM_NOT_FOUND' }),
    )
    const next = namespace.create(handle, 4096)!
    expect(next.identity).not.toBe(mapping.identity)
    expect(show(mapping.identity).attached).toBe(1)
    expect(new Uint8Array(mapping.buffer)[7]).toBe(7)
    mapping.detach()
    expect(() => show(mapping.identity)).toThrow()
    next.detach()
  })

  test('a large segment is removed before its memory is given back elsewhere', () => {
    const size = 64 << 20
    const { identity } = namespace.create(handle, size)!
    expect(namespace.destroy(handle)).toBe(true)
    expect(() => namespace.attach(handle, size)).toThrow('no such file or directory')
    expect(identity).toBeGreaterThan(0)
  })

  test('every page is there before the first store', () => {
    const mapping = namespace.create(handle, 1 << 20)!
    const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n')
    const column = rows[0]!.trim().split(/\s+/).indexOf('rss')
    const row = rows.map(line => line.trim().split(/\s+/)).find(r => r[1] === `${mapping.identity}`)
    expect(Number(row![column])).toBe(1 << 20)
    mapping.detach()
  })

  test('copySegment copies what may be read, and says what may not', () => {
    const mapping = namespace.create(handle, 5000)!
    new Uint8Array(mapping.buffer).fill(9)
    const copy = copySegment(mapping.identity)
    expect([copy.length, copy[0], copy[4999]]).toEqual([5000, 9, 9])
    copy.fill(1)
    expect(new Uint8Array(mapping.buffer)[0]).toBe(9)
    expect(show(mapping.identity).attached).toBe(1)
    mapping.detach()
    namespace.destroy(handle)
    expect(() => copySegment(mapping.identity)).toThrow(
      expect.objectContaining({ name: 'DsmError', syscall: 'shmctl' }),
    )
    expect(() => copySegment(-1)).toThrow(RangeError)
    expect(() => copySegment('1' as never)).toThrow(TypeError)
  })

  const noIpc = whyNot('unshare --ipc')
  const skipping = noIpc === null ? '' : ` (skipped: ${noIpc})`
  test.skipIf(noIpc !== null)(
    `id 0, which would mean no identity, is not used${skipping}`,
    async () => {
      const prefix = ['unshare', '--ipc']
      const common = { packageDir, factory: 'sysv', handle: 2, size: 4096, nonce, prefix }
      const told = await runOperation({ ...common, operation: 'create' })
      expect((told.result as { identity: number }).identity).toBeGreaterThan(0)
    },
  )
})

describe.each(Object.entries(FOREIGN_SEGMENTS))('%s under our key', (kind, plant) => {
  test('is not created over, not attached and not removed', () => {
    const takeAway = plant(namespace, handle, 4096)
    expect(namespace.create(handle, 4096)).toBe(null)
    const why = kind.includes('write') ? 'its mode is not 0600' : 'it belongs to another user'
    expect(() => namespace.attach(handle, 4096)).toThrow(foreign)
    expect(() => namespace.attach(handle, 4096)).toThrow(why)
    expect(namespace.destroy(handle)).toBe(false)
    expect(namespace.destroy(handle, evidenceOf())).toBe(false)
    takeAway()
  })
})

describe('evidence', () => {
  test('the id that was recorded removes, another does not', () => {
    const { identity } = namespace.create(handle, 4096)!
    expect(namespace.destroy(handle, evidenceOf({ identity: identity + 1 }))).toBe(false)
    expect(namespace.destroy(handle, evidenceOf({ identity, size: 1 }))).toBe(true)
    expect(namespace.destroy(handle, evidenceOf({ identity }))).toBe(true)
  })

  test('without an id, size, maker, time and no second attachment must fit', () => {
    const evidence = evidenceOf()
    const mapping = namespace.create(handle, 4096)!
    const second = namespace.attach(handle, 4096)
    expect(namespace.destroy(handle, evidence)).toBe(false) // attached twice
    second.detach()
    mapping.detach()
    const late = evidenceOf({ recordedAtMs: Date.now() + 60_000 })
    const unfit = [late, evidenceOf({ size: 8192 }), evidenceOf({ creatorPid: process.pid + 1 })]
    for (const other of unfit) expect(namespace.destroy(handle, other)).toBe(false)
    expect(namespace.destroy(handle, evidence)).toBe(true)
  })

  test('its maker, stopped before it recorded the id, may have it attached still', () => {
    const mapping = namespace.create(handle, 4096)!
    expect(namespace.destroy(handle, evidenceOf())).toBe(true)
    mapping.detach()
  })

  test("a stranger's segment with our mode and size is not taken for one of ours", () => {
    const id = make(namespace, handle, 4096, '600')
    expect(namespace.destroy(handle, evidenceOf())).toBe(false) // another process made it
    expect(show(id).attached).toBe(0)
    remove(id)
  })
})

describe('errors', () => {
  test('each says what could not be done, to what, and why', () => {
    const name = namespace.osName(handle)
    expect(() => namespace.attach(handle, 4096)).toThrow(
      expect.objectContaining({
        ...{ name: 'DsmError', code: 'DSM_NOT_FOUND', errno: 2, syscall: 'shmget', segment: name },
        message: `could not open shared memory segment "${name}": no such file or directory`,
      }),
    )
    namespace.create(handle, 4096)!.detach()
    for (const size of [4095, 4097]) {
      expect(() => namespace.attach(handle, size)).toThrow(
        `could not open shared memory segment "${name}": its length is not the segment's`,
      )
    }
  })

  const alone = whyNoOtherUser(packageDir)
  const reason = alone === null ? '' : ` (skipped: ${alone})`
  test.skipIf(alone !== null)(
    `another user may not attach or remove what is ours${reason}`,
    async () => {
      namespace.create(handle, 4096)!.detach()
      const common = { packageDir, factory: 'sysv', handle, size: 4096, nonce, uid: 65534 }
      for (const [operation, told] of [
        ['attach', { code: 'DSM_FOREIGN' }],
        ['destroy', { result: false }],
        ['create', { result: { taken: true } }],
      ] as const) {
        expect(await runOperation({ ...common, operation })).toMatchObject(told)
      }
    },
  )
})

test('nothing is left behind', async () => {
  removeStranger()
  expect(await leftovers()).toEqual([])
})
