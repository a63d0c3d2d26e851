/**
 * The cases of the specification about what a new life finds, on the mechanisms of the operating
 * system, where no other file has them already.
 */
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, NATIVE, recorder, usePlace } from './support/place.js'

const place = usePlace()

test('case 2: a group of no members is refused, before anything is made', () => {
  expect(() => place.open('posix', { maxMembers: 0 })).toThrow(code('ERR_OUT_OF_RANGE'))
  expect(existsSync(place.parent)).toBe(false)
})

test.each(NATIVE)(
  'case 16: two pinned segments of a member that was killed go when %s is opened again',
  async kind => {
    const member = place.member()
    await member.call('open', place.spec(kind))
    for (const size of [64, 100_000]) {
      const { handle } = await member.call('create', size)
      await member.call('pin', handle)
    }
    await member.kill()
    const left = place.left()
    const dsm = place.open(kind)
    expect(dsm.segments()).toEqual([])
    dsm.close()
    expect(left.length).toBeGreaterThan(2)
    expect(place.left()).toEqual([])
  },
)

describe('mapped files that a dead group left', () => {
  /** The directory of its files, and a name in it that one of ours could have. */
  async function deadGroup(): Promise<{ files: string; segment: string; spare: string }> {
    const member = place.member()
    await member.call('open', place.spec('mmap'))
    const { osName, handle } = await member.call('create', 4096)
    await member.kill()
    const files = dirname(osName)
    return { files, segment: osName, spare: join(files, handle === 4 ? '8' : '4') }
  }

  test('case 21: what bears a handle for a name is removed, and nothing that bears another', async () => {
    const { files, segment, spare } = await deadGroup()
    const kept = [join(files, 'mmap.junk'), join(place.mmapDir, 'other')]
    for (const path of [spare, ...kept]) writeFileSync(path, 'x', { mode: 0o600 })
    place.open('mmap').close()
    expect([segment, spare, ...kept].map(path => existsSync(path))).toEqual([
      ...[false, false, true, true],
    ])
    for (const path of kept) rmSync(path)
    rmdirSync(files)
  })

  test('case 22: one that cannot be removed is warned of, and the group opens', async () => {
    const { files, segment, spare } = await deadGroup()
    mkdirSync(spare)
    const { lines, logger } = recorder()
    const dsm = place.open('mmap', { logger })
    expect(dsm.create(10).size).toBe(10)
    expect([segment, spare].map(path => existsSync(path))).toEqual([false, true])
    expect(lines).toMatchObject([expect.stringContaining('left an object that is not ours')])
    dsm.close()
    rmdirSync(spare)
    rmdirSync(files)
  })

  test('case 23: without their directory there is nothing to clean, and it is made again', async () => {
    await deadGroup()
    rmSync(place.mmapDir, { recursive: true })
    const dsm = place.open('mmap')
    expect(dsm.segments()).toEqual([])
    expect(existsSync(dirname(dsm.create(10).osName!))).toBe(true)
  })
})
