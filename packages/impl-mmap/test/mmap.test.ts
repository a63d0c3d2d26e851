/**
 * Mapped files as the system shows them: directories, names, modes, what is refused.
 * What every mechanism does alike is in the conformance suite.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DsmEvidence } from '@dsm/impl'
import { FOREIGN_FILES, isRoot, leftovers, newNonce, testDirectory } from '@dsm/native/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mmap } from '../src/index.js'

const root = testDirectory()
const dir = join(root, 'files')
const nonce = newNonce()
const impl = mmap({ dir })
const namespace = impl.open({ dir: root, nonce, options: impl.options })
const scopeDir = join(dir, `dsm.${nonce}`)
const path = namespace.osName(2)
const modeOf = (file: string) => (statSync(file).mode & 0o7777).toString(8)
const evidenceOf = (fields: Partial<DsmEvidence> = {}): DsmEvidence => ({
  ...{ identity: 0, size: 4096, recordedAtMs: Date.now(), creatorPid: process.pid },
  ...fields,
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('names', () => {
  test('case 111: a name is a path: the directory, the nonce, the handle in decimal', () => {
    expect(namespace.osName(2)).toBe(`${dir}/dsm.${nonce}/2`)
    expect(namespace.osName(2_147_483_648)).toBe(`${dir}/dsm.${nonce}/2147483648`)
    expect(namespace.osName(4_294_967_294)).toBe(`${dir}/dsm.${nonce}/4294967294`)
  })

  test("the default directory is this user's own, below the system's temporary one", () => {
    expect(mmap().options).toEqual({ dir: join(tmpdir(), `dsm-${process.geteuid!()}`) })
    expect(mmap({ dir: '/a//b/../c/' }).options).toEqual({ dir: '/a/c' })
    expect(mmap().supports).toEqual({
      ...{ crossProcess: true, enumerate: true, ownsNames: true, survivesReboot: true },
    })
  })

  test('a directory that is no absolute path is refused', () => {
    for (const bad of ['', 'files', './files', '/', '/a\0b']) {
      expect(() => mmap({ dir: bad })).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      )
    }
    expect(() => mmap({ dir: 1 as never })).toThrow(TypeError)
  })

  test('the scope says where its files are, not whoever opens it', () => {
    const other = mmap({ dir: '/elsewhere' }).open({ dir: root, nonce, options: impl.options })
    expect(other.osName(2)).toBe(path)
  })

  test('enumerate lists our handles and nothing that only looks like one', () => {
    expect(namespace.enumerate!()).toEqual([])
    namespace.create(10, 1)!.detach()
    namespace.create(4_294_967_294, 1)!.detach()
    for (const odd of ['7', '02', '0', '4294967296', '10x']) writeFileSync(join(scopeDir, odd), '')
    expect(namespace.enumerate!().sort()).toEqual([10, 4_294_967_294])
    rmSync(scopeDir, { recursive: true })
    writeFileSync(scopeDir, '')
    expect(() => namespace.enumerate!()).toThrow(
      expect.objectContaining({ name: 'DsmError', code: 'DSM_IO', syscall: 'scandir' }),
    )
  })
})

describe('files and directories', () => {
  test('case 101: opening makes nothing; the first file makes directories of 0700, and is 0600', () => {
    expect(existsSync(dir)).toBe(false)
    expect(namespace.destroy(2)).toBe(true)
    expect(() => namespace.attach(2, 1)).toThrow('no such file or directory')
    expect(existsSync(dir)).toBe(false)
    namespace.create(2, 1)!.detach()
    expect([modeOf(dir), modeOf(scopeDir), modeOf(path)]).toEqual(['700', '700', '600'])
  })

  test.each([0, 0o777])('modes are the same under umask %o', umask => {
    const before = process.umask(umask)
    namespace.create(2, 1)!.detach()
    process.umask(before)
    expect([modeOf(dir), modeOf(scopeDir), modeOf(path)]).toEqual(['700', '700', '600'])
  })

  test('a file has exactly the size, and every block in place', () => {
    namespace.create(2, 100_001)!.detach()
    expect(statSync(path).size).toBe(100_001)
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(100_001)
  })

  test('what one mapping stores another finds, and the file keeps', () => {
    const mapping = namespace.create(2, 8192)!
    new Uint8Array(mapping.buffer)[5000] = 50
    const other = namespace.attach(2, 8192)
    expect(new Uint8Array(other.buffer)[5000]).toBe(50)
    mapping.detach()
    other.detach()
    const again = namespace.attach(2, 8192)
    expect(new Uint8Array(again.buffer)[5000]).toBe(50)
    again.detach()
  })

  test('close removes the directory of the scope if it is empty, and never the one named', () => {
    const passing = impl.open({ dir: root, nonce, options: impl.options })
    passing.create(2, 1)!.detach()
    impl.open({ dir: root, nonce, options: impl.options }).close()
    expect(existsSync(path)).toBe(true)
    passing.destroy(2)
    passing.close()
    expect([existsSync(scopeDir), existsSync(dir)]).toEqual([false, true])
  })

  test('files can be made although others keep removing the empty directories', async () => {
    const busy = 'while :; do rmdir "$0" "$1" 2>/dev/null; done'
    const other = spawn('sh', ['-c', busy, scopeDir, dir], { stdio: 'ignore' })
    const gone = once(other, 'exit')
    await once(other, 'spawn')
    try {
      for (let i = 0; i < 500; i += 1) {
        namespace.create(2, 1)!.detach()
        expect(namespace.destroy(2)).toBe(true)
      }
    } finally {
      other.kill('SIGKILL')
      await gone
    }
  })

  test('an identity is new for each file, though the file system uses inodes again', () => {
    const seen = new Set<number>()
    for (let i = 0; i < 200; i += 1) {
      const mapping = namespace.create(2, 1)!
      seen.add(mapping.identity)
      expect(Number.isSafeInteger(mapping.identity) && mapping.identity > 0).toBe(true)
      const other = namespace.attach(2, 1)
      expect(other.identity).toBe(mapping.identity)
      other.detach()
      mapping.detach()
      namespace.destroy(2)
    }
    expect(seen.size).toBe(200)
  })
})

const INSECURE: Record<string, [(at: string) => void, string]> = {
  'a symbolic link': [at => symlinkSync(root, at), 'it is a symbolic link'],
  'a plain file': [at => writeFileSync(at, ''), 'it is no directory'],
  'a directory that others may read': [
    at => {
      mkdirSync(at)
      chmodSync(at, 0o755)
    },
    'its mode is not 0700',
  ],
  ...(isRoot && {
    "another user's directory": [
      (at: string) => {
        mkdirSync(at, { mode: 0o700 })
        chownSync(at, 65534, 65534)
      },
      'it belongs to another user',
    ] as [(at: string) => void, string],
  }),
}

describe.each(Object.entries(INSECURE))('%s in the place of a directory', (_, [plant, why]) => {
  test.each(['the base', "the scope's"])('%s is not used', which => {
    if (which !== 'the base') mkdirSync(dir, { mode: 0o700 })
    plant(which === 'the base' ? dir : scopeDir)
    const operations = [
      () => namespace.create(2, 1),
      () => namespace.attach(2, 1),
      () => namespace.destroy(2),
      () => namespace.destroy(2, evidenceOf()),
    ]
    for (const operation of operations) {
      expect(operation).toThrow(
        expect.objectContaining({
          ...{ name: 'DsmError', code: 'DSM_DIR_INSECURE', segment: path },
          message: expect.stringContaining(
            `"${path}": its directory is not safe to use: ${why}. ` +
              'Remove it, or choose another place with the option dir',
          ),
        }),
      )
    }
  })
})

describe.each(Object.entries(FOREIGN_FILES))('%s under our name', (_, plant) => {
  beforeEach(() => mkdirSync(scopeDir, { recursive: true, mode: 0o700 }))

  test('is not created over, not attached, not removed, and not changed', () => {
    plant(path, 4096)
    const look = () => execFileSync('stat', ['-c', '%a %u %h %s %i %F', path]).toString()
    const before = look()
    expect(namespace.create(2, 4096)).toBe(null)
    expect(() => namespace.attach(2, 4096)).toThrow(
      expect.objectContaining({ code: 'DSM_FOREIGN', segment: path }),
    )
    expect(namespace.destroy(2)).toBe(false)
    expect(namespace.destroy(2, evidenceOf())).toBe(false)
    expect(look()).toBe(before)
  })
})

describe('evidence', () => {
  test('the identity that was recorded removes, another does not', () => {
    const { identity } = namespace.create(2, 4096)!
    expect(namespace.destroy(2, evidenceOf({ identity: identity + 1 }))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ identity, size: 1 }))).toBe(true)
    namespace.create(2, 4096)!.detach()
    expect(namespace.destroy(2, evidenceOf({ identity }))).toBe(false)
  })

  test('without an identity, size and time must fit; a file not yet sized fits too', () => {
    const recordedAtMs = Date.now()
    namespace.create(2, 4096)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs: recordedAtMs + 60_000 }))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs, size: 8192 }))).toBe(false)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs }))).toBe(true)
    namespace.create(2, 4096)
    truncateSync(path, 0)
    expect(namespace.destroy(2, evidenceOf({ recordedAtMs }))).toBe(true)
  })

  test('a file made by another program is told by its age', () => {
    namespace.create(4, 1)!.detach()
    writeFileSync(path, Buffer.alloc(4096), { mode: 0o600 })
    const evidence = evidenceOf({ recordedAtMs: Date.now() + 60_000 })
    expect(namespace.destroy(2, evidence)).toBe(false)
    unlinkSync(path)
  })
})

test('errors say what could not be done, to what, and why', () => {
  namespace.create(2, 4096)!.detach()
  expect(() => namespace.attach(2, 4097)).toThrow(
    `could not open shared memory segment "${path}": its length is not the segment's`,
  )
  const nowhere = mmap({ dir: join(root, 'absent', 'files') })
  const lost = nowhere.open({ dir: root, nonce, options: nowhere.options })
  expect(() => lost.create(2, 1)).toThrow(
    `could not create shared memory segment "${lost.osName(2)}": no such file or directory`,
  )
})

test('nothing is left behind', async () => {
  rmdirSync(root)
  expect(await leftovers()).toEqual([])
})
