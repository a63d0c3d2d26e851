/** Where dsm refuses to run. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assertLocalFilesystem, assertOwnRights } from '../src/host.js'

const root = process.getuid?.() === 0
const NOBODY = 65_534

test.each([
  ['NFS', 0x6969],
  ['9p', 0x01021997],
  ['FUSE', 0x65735546],
  ['CIFS', 0xff534d42],
  ['SMB2', 0xfe534d42],
])('a directory on %s is DSM_UNSUPPORTED, naming it and what to do', (name, type) => {
  const work = () => assertLocalFilesystem('/mnt/far', () => type)
  expect(work).toThrow(expect.objectContaining({ code: 'DSM_UNSUPPORTED' }))
  expect(work).toThrow(`"/mnt/far" is on ${name}`)
})

test('a directory of this machine is accepted, and one that cannot be asked about', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dsm-host-'))
  assertLocalFilesystem(directory)
  rmSync(directory, { recursive: true })
  assertLocalFilesystem(directory)
})

test('a process with its own rights is accepted', () => {
  assertOwnRights()
})

test.skipIf(!root)(`lent rights are DSM_ACCESS${root ? '' : ' — needs root'}`, () => {
  const built = new URL('../dist/index.js', import.meta.url)
  const child = `
    const { groupDirectory, openGroup, runSync } = await import(${JSON.stringify(built)})
    process.seteuid(${NOBODY})
    const directory = groupDirectory({ name: 'lent' })
    try { runSync(openGroup({ directory, impl: null, lockTimeoutMs: 1 })) }
    catch ({ code }) { console.log(code) }`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', child])
  expect(String(said)).toBe('DSM_ACCESS\n')
})
