/** Control segments, records and names that are wrong or mean harm. No command believes them. */
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findOne } from '../src/groups.js'
import { htmlPage } from '../src/html/page.js'
import { dsm, json, usePlace } from './support/place.js'

const { place } = usePlace()
const COMMANDS = [
  ['ls'],
  ['ls', 'shop'],
  ['inspect', 'shop'],
  ['top', '--once'],
  ['clean', '--dry-run'],
]

async function shop(): Promise<{ control: string; sound: Buffer; state: string }> {
  const member = await place().member({
    name: 'shop',
    kind: 'posix',
    maxMembers: 4,
    maxSegments: 8,
    mainRegionSize: 1 << 16,
  })
  await member.call('create', 5000, { ownObject: true, name: 'object' })
  await member.call('create', 5000, { name: 'carved' })
  const { groups } = await json('ls')
  const { nonce, controlHandle } = groups[0].lives[0]
  const control = `/dev/shm/dsm.${nonce}.${controlHandle}`
  const state = join(place().groups, 'shop', 'state')
  return { control, sound: readFileSync(control), state }
}

/** In place: the members have it mapped. */
function overwrite(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, 0)
  closeSync(file)
}

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
let step = seed
const random = (): number => {
  step = (Math.imul(step, 1_664_525) + 1_013_904_223) | 0
  return (step >>> 0) / 2 ** 32
}

test('every command ends, with 0 or 1, on control segments with random bytes in them', async () => {
  console.log(`hostile control segments: SEED=${seed}`)
  const { control, sound } = await shop()
  const before = readdirSync('/dev/shm').sort()
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(sound)
    const flips = 1 + Math.floor(random() * 40)
    for (let n = 0; n < flips; n++) {
      const at = Math.floor(random() * bytes.length)
      bytes[at] = Math.floor(random() * 256)
    }
    if (round % 3 === 0)
      for (let at = 16; at < bytes.length; at++) if (random() < 0.4) bytes[at] = 255
    overwrite(control, bytes)
    for (const args of COMMANDS) {
      const { code, stderr } = await dsm(args, { columns: 80 })
      expect([0, 1], `seed ${seed}, round ${round}, ${args}: ${stderr}`).toContain(code)
      await json(...args)
    }
    expect(() => htmlPage(findOne('shop').survey, new Date())).not.toThrow()
  }
  overwrite(control, sound)
  expect(readdirSync('/dev/shm').sort()).toEqual(before)
  expect((await dsm(['ls'])).code).toBe(0)
})

test('a control segment of zeros, and none at all, is told and not cleaned under the living', async () => {
  const { control, sound } = await shop()
  overwrite(control, new Uint8Array(sound.length))
  const listed = await dsm(['ls'])
  expect(listed).toMatchObject({ code: 1 })
  expect(listed.stdout).toContain('DSM_CORRUPT')
  expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'live' }] })
  overwrite(control, sound)
})

test('a record that is no record is no life, and nothing is removed from under the living', async () => {
  const { state } = await shop()
  const sound = readFileSync(state)
  for (const text of ['', '{', '[]', '{"dsm":1,"lives":[{"nonce":"../../x"}]}', 'null']) {
    writeFileSync(state, text)
    expect(await json('ls')).toMatchObject({ groups: [{ state: 'empty', lives: [] }] })
    expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'failed', objects: [] }] })
  }
  writeFileSync(state, sound)
})

test('a record with options of no mechanism is a problem of that life, not of the command', async () => {
  const { state } = await shop()
  const sound = readFileSync(state, 'utf8')
  const record = JSON.parse(sound)
  record.lives[0].options = { namePrefix: 'no/slash/first' }
  writeFileSync(state, JSON.stringify(record))
  expect(await json('ls')).toMatchObject({
    groups: [{ lives: [{ state: 'live', problem: { code: 'DSM_CORRUPT' } }] }],
  })
  record.lives[0].kind = 'telepathy'
  writeFileSync(state, JSON.stringify(record))
  expect(await json('ls')).toMatchObject({
    groups: [{ lives: [{ problem: { code: 'DSM_IMPL_MISSING' } }] }],
  })
  writeFileSync(state, sound)
})

test('a name cannot move the cursor, colour the screen or leave its place in a page', async () => {
  const evil = '\u001b[31m\r\n<script>"&'
  const member = await place().member({
    name: 'shop',
    kind: 'posix',
    maxMembers: 4,
    maxSegments: 8,
  })
  const { handle } = await member.call('create', 10, { name: evil })
  for (const args of COMMANDS) {
    const { stdout } = await dsm(args)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  }
  const { groups } = await json('ls')
  expect(groups[0].lives[0].content.segments[0].names).toEqual([evil])
  const page = htmlPage(findOne('shop').survey, new Date())
  expect(page).toContain('&lt;script&gt;&quot;&amp;')
  expect(page).not.toContain('<script')
  expect((await dsm(['inspect', 'shop', evil])).stdout).toContain(String(handle))
})
