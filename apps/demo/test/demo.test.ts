/**
 * The built demo, as a user runs it, on a small text; and what it says when something is wrong.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Crew } from '../src/crew.js'
import type { HandOver } from '../src/hand-over.js'
import { findLeftovers } from '../src/leftovers.js'
import { memoryTogether } from '../src/memory.js'
import { BACKENDS } from '../src/options.js'
import { runDemo, type Steps } from '../src/run-demo.js'
import { isWhole, type Survival } from '../src/survive.js'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
Crew.program = fileURLToPath(new URL('../dist/member.js', import.meta.url))

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'demo-run-'))
  file = join(directory, 'text.txt')
  writeFileSync(file, 'Ein Wörtchen, und noch ein Wörtchen: 中文 — 中文!\n'.repeat(5_000))
})
afterAll(() => rmSync(directory, { recursive: true }))

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function run(...args: string[]): Promise<Ended> {
  return new Promise(resolve => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

test('each backend in turn counts right, compares, and leaves nothing', async () => {
  const { code, stdout, stderr } = await run('--file', file, '--members', '3')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  for (const backend of BACKENDS) {
    expect(stdout).toMatch(new RegExp(`│ ${backend} +│ 40,000 +│ 6 +│.*│ the same`))
    expect(stdout).toMatch(new RegExp(`${backend} +100 % of`))
    expect(stdout).toMatch(
      new RegExp(`│ ${backend}: pid \\d+ +│ 4 → 3 +│ 4 → 3 +│ held → taken over │.*│ the same`),
    )
  }
  expect(stdout).toMatch(/│ +1 │ Wörtchen +│ 10,000 │/)
  expect(stdout).toMatch(/│ 64 KiB +│.* ×/)
  expect(stdout).toMatch(/one segment for all +│ [\d.]+ MiB/)
  expect(stdout).toMatch(/left of this run on the machine: nothing \(looked in/)
})

test('one backend alone is the only one that runs', async () => {
  const { code, stdout } = await run('--file', file, '--members', '1', '--impl', 'sysv')
  expect(code).toBe(0)
  expect(stdout).toMatch(/nobody is killed: there would be nobody left/)
  expect(stdout).toMatch(/│ sysv +│ 40,000 +│ 6 +│.*│ the same/)
  expect(stdout).not.toMatch(/│ (posix|mmap) /)
})

test('a text of one byte and many members is no special case', async () => {
  const tiny = join(directory, 'tiny.txt')
  writeFileSync(tiny, 'a')
  const options = ['--file', tiny, '--members', '3', '--impl', 'posix']
  const { code, stdout } = await run(...options, '--no-kill')
  expect(code).toBe(0)
  expect(stdout).not.toMatch(/killed/)
  expect(stdout).toMatch(/│ posix +│ 1 +│ 1 +│/)
})

test('a wrong option, a missing file: exit code 2 and a sentence', async () => {
  const wrongImpl = await run('--impl', 'windows')
  expect(wrongImpl.code).toBe(2)
  expect(wrongImpl.stderr).toMatch(/--impl is to be one of posix, sysv, mmap, and is "windows"/)
  const noFile = await run('--file', join(directory, 'none.txt'))
  expect(noFile.code).toBe(2)
  expect(noFile.stderr).toMatch(/none\.txt cannot be read: ENOENT/)
  const help = await run('--help')
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toMatch(/^usage: npm start/)
})

const handOver: HandOver = {
  memberCount: 2,
  joinMs: 1,
  sizes: [{ sizeBytes: 1, handleMs: 1, fillMs: 1, sendMs: 1 }],
  read: { sharedMs: 1, copyMs: 1 },
  memory: { shared: null, copies: null },
}

const picture = { members: 3, references: 3, lock: 'held' } as const
const survival: Survival = {
  pid: 1,
  before: picture,
  after: { members: 2, references: 2, lock: 'recovered' },
  announcedMs: 1,
  result: new Float64Array(),
}

async function runHere(replaced: Partial<Steps>): Promise<{ code: number; printed: string }> {
  let printed = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      printed += chunk
      done()
    },
  })
  const options = { file, memberCount: 2, backends: ['posix'] as const, kill: true }
  const code = await runDemo(options, output, {
    compareHandOver: async () => handOver,
    survive: async () => survival,
    ...replaced,
  })
  return { code, printed }
}

test('a count that differs from the one of one process: exit code 1', async () => {
  const right = await Crew.employ(1, crew =>
    crew.ask(0, 'countAlone', {
      source: { title: '', sizeBytes: 10, files: [{ path: file, sizeBytes: 10 }] },
    }),
  )
  const { code, printed } = await runHere({ countAlone: async () => right })
  expect(code).toBe(1)
  expect(printed).toMatch(/│ WRONG /)
  expect(printed).toMatch(/memory: not measured/)
  expect(printed).toMatch(/WRONG: posix found 40000 words instead of 2/)
})

test('what a dead member held and nobody got back: exit code 1, and the backend', async () => {
  const kept = { ...survival, after: { ...survival.after, references: 3 } }
  const { code, printed } = await runHere({ survive: async () => kept })
  expect(code).toBe(1)
  expect(printed).toContain('WRONG: posix did not get back what the dead one held')
  expect(isWhole(survival)).toBe(true)
  for (const after of [{ ...picture }, { ...survival.after, lock: 'free' as const }]) {
    expect(isWhole({ ...survival, after })).toBe(false)
  }
})

test('something of this run that is left: exit code 1, and its name', async () => {
  const path = '/dev/shm/dsm.example.2'
  const { code, printed } = await runHere({
    lookForLeftovers: async () => ({ ours: [path], others: [], places: ['/dev/shm'] }),
  })
  expect(code).toBe(1)
  expect(printed).toContain(path)
})

test('leftovers are found where they are, and those of others are told apart', () => {
  const name = `dsm-demo-test-${process.pid}`
  const place = join(tmpdir(), name)
  mkdirSync(place)
  writeFileSync(join(place, 'mine'), '')
  writeFileSync(join(place, 'yours'), '')
  try {
    const { ours, others } = findLeftovers(path => path.endsWith(`${name}/mine`), new Set())
    expect(ours).toEqual([join(place, 'mine')])
    expect(others).toContain(join(place, 'yours'))
  } finally {
    rmSync(place, { recursive: true })
  }
})

test('a member that cannot answer is an error with its reason, and all end', async () => {
  const work = Crew.employ(2, crew => crew.ask(1, 'attach', { handle: 2 }))
  await expect(work).rejects.toThrow('member 1 (attach): asked for a segment before it joined')
  const killed = Crew.employ(1, async crew => {
    process.kill(crew.pids[0]!, 'SIGKILL')
    return crew.ask(0, 'sum', {})
  })
  await expect(killed).rejects.toThrow(/its process ended|EPIPE|closed/)
})

test('memory is measured for what exists, and null for what does not', () => {
  expect(memoryTogether([process.pid])).toBeGreaterThan(2 ** 20)
  expect(memoryTogether([process.pid, 2 ** 30])).toBeNull()
})

test('members do not outlive a parent that is killed, and the last one cleans up', async () => {
  const big = join(directory, 'big.txt')
  writeFileSync(big, 'so many words '.repeat(4_000_000))
  const parent = spawn(process.execPath, [
    program,
    '--file',
    big,
    '--members',
    '2',
    '--impl',
    'posix',
  ])
  const children = () =>
    readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'latin1').match(/\d+/g) ?? []
  let pids: string[] = []
  let printed = ''
  for await (const chunk of parent.stdout) {
    printed += chunk
    if (pids.length > 0 || !/posix +25 %/.test(printed)) continue
    pids = children()
    parent.kill('SIGKILL')
  }
  expect(pids).toHaveLength(2)
  const left = () => findLeftovers(path => path.includes(`/demo-${parent.pid}-`), new Set()).ours
  while (pids.some(pid => existsSync(`/proc/${pid}`))) await setTimeout(20)
  expect(left()).toEqual([])
})
