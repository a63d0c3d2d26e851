/**
 * Every example is run as its README says, and prints what its README shows; it ends by itself, and
 * nothing of it is left. A new folder with a `main.mjs` is an example, and is run too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(root).filter(name => existsSync(join(root, name, 'main.mjs')))
const WATCHDOG_MS = 30_000

/** Where the groups of one example are: its own, whoever else runs examples on this machine. */
let groups: string
let before: readonly string[]

const objects = (): string[] => readdirSync('/dev/shm').filter(name => name.startsWith('dsm.'))

/** Objects are named after nobody: what a living process of somebody else maps is in use. */
function mappedSomewhere(object: string): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(`/dev/shm/${object}`)
      } catch {
        return false // ended just now, or not ours to see
      }
    })
}

beforeEach(() => {
  groups = mkdtempSync(join(tmpdir(), 'dsm-examples-'))
  before = objects()
})

afterEach(() => {
  const left = objects().filter(name => !before.includes(name) && !mappedSomewhere(name))
  const leftGroups = existsSync(groups) ? readdirSync(groups) : [] // the last group removes it
  rmSync(groups, { recursive: true, force: true })
  expect([...left, ...leftGroups]).toEqual([])
})

/** The command and the output that a README shows. */
function shownIn(name: string): { command: string; output: string } {
  const readme = readFileSync(join(root, name, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```$/gm)]
  expect([name, blocks.length]).toEqual([name, 1])
  return { command: blocks[0]![1]!, output: blocks[0]![2]! }
}

/** The name of an object holds random numbers; all else has to be the same. */
const masked = (output: string): string =>
  output.replaceAll(/\/dsm\.[a-z2-7]{13}\.\d+/g, '/dsm.<nonce>.<handle>')

const hasNumpy = () => spawnSync('python3', ['-c', 'import numpy']).status === 0

test.for(examples)('%s prints what its README shows, ends, and leaves nothing', (name, context) => {
  if (name === 'numpy' && !hasNumpy()) context.skip('needs python3 with numpy')
  const { command, output } = shownIn(name)
  const [program, ...args] = command.split(' ')
  expect(program).toBe('node')
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(root, name),
    env: { ...process.env, DSM_DIR: groups },
    encoding: 'utf8',
    timeout: WATCHDOG_MS,
    killSignal: 'SIGKILL',
  })
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
  expect(masked(stdout)).toBe(masked(output))
})

test('every example is listed in the README of the examples', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const listed = [...readme.matchAll(/^\| \[[^\]]+\]\(([a-z-]+)\) \|/gm)].map(([, name]) => name)
  expect(listed.sort()).toEqual(examples)
})
