/** Lives that ended without anybody to end them, and state files that do not tell the truth. */
import {
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, NATIVE, recorder, usePlace } from './support/place.js'

const place = usePlace()

interface State {
  dsm: number
  lives: Record<string, unknown>[]
}
const statePath = () => join(place.dir, 'state')
const readState = (): State => JSON.parse(readFileSync(statePath(), 'utf8'))
const writeState = (state: unknown) => writeFileSync(statePath(), JSON.stringify(state))

/** A posix group whose one member was killed. Its control segment's and its segment's files. */
async function deadGroup(): Promise<{ control: string; segment: string; nonce: string }> {
  const child = place.member()
  const { controlHandle } = await child.call('open', place.spec('posix'))
  const { osName } = await child.call('create', 4096)
  await child.kill()
  const nonce = String(readState().lives[0]!.nonce)
  const control = `/dev/shm${place.namePrefix.replace('<nonce>', nonce)}${controlHandle}`
  return { control, segment: `/dev/shm${osName}`, nonce }
}

describe.each(NATIVE)('on %s', kind => {
  test('case 16: a group whose members were killed is cleaned by the next open', async () => {
    const members = [place.member(), place.member()]
    for (const member of members) await member.call('open', place.spec(kind))
    const { handle } = await members[0]!.call('create', 10_000)
    expect(await members[1]!.call('attach', handle)).toBe(10_000)
    await members[1]!.call('create', 5_000)
    for (const member of members) await member.kill()
    const dead = place.left().length

    const dsm = place.open(kind)
    expect(dead).toBeGreaterThan(1)
    expect(dsm.segments()).toEqual([])
    expect(dsm.members()).toHaveLength(1)
    expect(dsm.attach(handle)).toBe(null)
    expect(readState().lives).toHaveLength(1)
    expect(readdirSync(place.dir).filter(name => name.startsWith('members.'))).toHaveLength(1)
  })

  test('a dead group is cleaned although the next opener wants another impl', async () => {
    const child = place.member()
    await child.call('open', place.spec(kind))
    await child.call('create', 10_000)
    await child.kill()
    place.open('local').close()
    expect(place.left()).toEqual([])
  })

  test('a joiner without impl cleans a dead group and finds none', async () => {
    const child = place.member()
    await child.call('open', place.spec(kind))
    await child.call('create', 10_000)
    await child.kill()
    expect(() => place.open(null)).toThrow(code('DSM_NOT_FOUND'))
    expect(place.left()).toEqual([])
    expect(existsSync(place.parent)).toBe(false)
  })
})

test('what an impl left that is not installed stays: DSM_IMPL_MISSING', async () => {
  await deadGroup()
  const state = readState()
  writeState({ ...state, lives: [{ ...state.lives[0], kind: 'absent' }] })
  const text = readFileSync(statePath(), 'utf8')
  expect(() => place.open('posix')).toThrow('npm install @dsm/impl-absent')
  expect(readFileSync(statePath(), 'utf8')).toBe(text)
  writeState(state)
  place.open('posix').close()
})

test.each([
  ['empty', ''],
  ['no JSON', '{"dsm":1,"lives":[{'],
  ['of another shape', '[1,2,3]'],
  ['null', 'null'],
  ['of a life without a nonce', '{"dsm":1,"lives":[{"kind":"posix"}]}'],
  ['of a life whose nonce is a path', '{"dsm":1,"lives":[{"nonce":"../../../etc"}]}'],
])('a state file that is %s is no life: another one begins', (_, text) => {
  const dsm = place.open('posix')
  dsm.close()
  place.open('posix').close()
  const again = place.open('posix')
  writeFileSync(statePath(), text)
  const beside = place.open('posix')
  expect(beside.memberIndex).toBe(0)
  expect(beside.controlHandle).not.toBe(again.controlHandle)
  expect(again.create(64).size).toBe(64)
  again.close()
  expect(place.open(null).memberIndex).toBe(1)
})

test('case 17: a state that names no control segment is nobody, without a word', async () => {
  const { control, segment } = await deadGroup()
  rmSync(control)
  const { lines, logger } = recorder()
  const dsm = place.open('posix', { logger })
  expect(dsm.segments()).toEqual([])
  expect(existsSync(segment)).toBe(false) // its name carries the nonce of the dead life
  expect(lines).toEqual([])
})

describe.each([
  ['truncated to nothing', (path: string) => truncateSync(path, 0)],
  ['truncated to 15 bytes (case 14)', (path: string) => truncateSync(path, 15)],
  ['truncated in the middle', (path: string) => truncateSync(path, 700)],
  ['full of garbage', (path: string) => fill(path, 0xa5)],
  ['full of zeros, without its magic', (path: string) => fill(path, 0)],
])('case 18: a dead control segment that is %s', (_, spoil) => {
  test('is not believed, and removed with what bears the nonce of its life', async () => {
    const { control, segment } = await deadGroup()
    spoil(control)
    const dsm = place.open('posix')
    expect(dsm.segments()).toEqual([])
    expect(existsSync(segment)).toBe(false)
    expect(existsSync(control)).toBe(false)
    expect(readState().lives).toHaveLength(1)
  })
})

function fill(path: string, byte: number): void {
  const { size } = lstatSync(path)
  writeFileSync(path, new Uint8Array(size).fill(byte))
}

test('case 19: what is not ours is left under names of ours, and warned of', async ctx => {
  if (process.getuid?.() !== 0) ctx.skip('only root can give a file to another user')
  const { segment, control } = await deadGroup()
  const foreign = `${control}0`.replace(/\d+$/, '4')
  const unlike = `${segment}.junk`
  writeFileSync(foreign, 'theirs', { mode: 0o600 })
  chownSync(foreign, 65_534, 65_534)
  writeFileSync(unlike, 'other')
  const { lines, logger } = recorder()
  const dsm = place.open('posix', { logger })
  expect(readFileSync(foreign, 'utf8')).toBe('theirs')
  expect(readFileSync(unlike, 'utf8')).toBe('other')
  expect(existsSync(segment)).toBe(false)
  expect(lines.join()).toMatch(/left an object that is not ours.*\.4/)
  dsm.close()
  rmSync(foreign)
  rmSync(unlike)
})

test('a recorded segment that somebody replaced under its name is not removed', async () => {
  const child = place.member()
  const prefix = `${place.namePrefix.replace('.<nonce>', '')}`
  const spec = { ...place.spec('posix'), namePrefix: prefix }
  await child.call('open', spec)
  const { osName } = await child.call('create', 4096)
  const path = `/dev/shm${osName}`
  await child.kill()
  rmSync(path)
  writeFileSync(path, 'another object', { mode: 0o600 })
  const { lines, logger } = recorder()
  place.open('posix', { logger }).close()
  expect(readFileSync(path, 'utf8')).toBe('another object')
  expect(lines.join()).toContain('left an object that is not ours')
  rmSync(path)
})

test('of a life of an earlier boot only its record and files go', async () => {
  const { control, segment } = await deadGroup()
  const state = readState()
  writeState({ ...state, lives: [{ ...state.lives[0], bootId: 'another-boot' }] })
  const dsm = place.open('posix')
  expect(readState().lives).toHaveLength(1)
  expect(readdirSync(place.dir)).toHaveLength(3)
  // Such objects do not outlive a boot: these, which do, are not looked for.
  expect(existsSync(control) && existsSync(segment)).toBe(true)
  dsm.close()
  rmSync(control)
  rmSync(segment)
})

test('a mapped-file group of an earlier boot is cleaned: files outlive it', async () => {
  const child = place.member()
  await child.call('open', place.spec('mmap'))
  await child.call('create', 4096)
  await child.kill()
  const state = readState()
  writeState({ ...state, lives: [{ ...state.lives[0], bootId: 'another-boot' }] })
  place.open('posix').close()
  expect(place.left()).toEqual([])
})

test('a control segment of another layout in use is DSM_LAYOUT_MISMATCH', async () => {
  const dsm = place.open('posix')
  const state = readState()
  writeState({ ...state, lives: [{ ...state.lives[0], layout: 999 }] })
  expect(() => place.open(null)).toThrow(code('DSM_LAYOUT_MISMATCH'))
  expect(() => place.open(null)).toThrow(/layout 999.*layout 1/)
  writeState(state)
  expect(dsm.members()).toHaveLength(1)
})

test('a living control segment that was spoilt is DSM_CORRUPT; the next open begins anew', () => {
  const [dsm, other] = [place.open('posix', { maxSegments: 2 }), place.open(null)]
  const kept = dsm.create(64)
  const control = place.objects().find(name => name.endsWith(`.${dsm.controlHandle}`))
  const file = openSync(`/dev/shm/${control}`, 'r+')
  writeSync(file, new Uint8Array([0xff, 0xff, 0xff, 0x7f]), 0, 4, 16 + 4) // refcnt of slot 0
  closeSync(file)
  dsm.create(64)
  expect(() => dsm.create(64)).toThrow(code('DSM_CORRUPT')) // no room: recovery looks at all
  expect(() => other.segments()).toThrow(code('DSM_CORRUPT'))
  kept.bytes[63] = 1
  expect(kept.bytes[63]).toBe(1)
  const next = place.open('posix')
  expect(next.memberIndex).toBe(0)
  expect(next.segments()).toEqual([])
})
