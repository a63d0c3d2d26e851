/**
 * Every program of the documentation runs as it stands there, prints what is shown, says nothing on
 * standard error, and leaves nothing behind.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pathsInUse } from '../../bootstrap/leftovers.mjs'
import { blocksIn, documents, root } from '../src/blocks.js'
import { type Program, programsIn } from '../src/programs.js'
import { difference } from '../src/shown.js'

const WATCHDOG_MS = 30_000
/** Examples are run, with their files, by their own tests. */
const EXAMPLE = /^apps\/examples\/.+\//

const programs = documents()
  .filter(doc => !EXAMPLE.test(doc))
  .flatMap(doc => programsIn(blocksIn(doc, readFileSync(join(root, doc), 'utf8'))))
  .map(program => ({ ...program, title: `${program.doc}:${program.line}` }))

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
let place: string
let before: readonly string[]

const objects = (): string[] => readdirSync('/dev/shm').filter(name => name.startsWith('dsm.'))

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'dsm-docs-'))
  before = objects()
})

afterEach(() => {
  const inUse = pathsInUse() // by living processes of somebody else: objects are named after nobody
  const left = objects().filter(name => !before.includes(name) && !inUse.has(`/dev/shm/${name}`))
  const groups = join(place, 'groups')
  const leftGroups = existsSync(groups) ? readdirSync(groups) : []
  rmSync(place, { recursive: true })
  expect([...left, ...leftGroups]).toEqual([])
})

function run({ files, command }: Program) {
  mkdirSync(join(place, 'groups'), { mode: 0o700 })
  symlinkSync(modules, join(place, 'node_modules'))
  for (const [name, text] of files) writeFileSync(join(place, name), text)
  const [program, ...args] = command
  return spawnSync(program === 'node' ? process.execPath : program!, args, {
    cwd: place,
    env: { ...process.env, DSM_DIR: join(place, 'groups'), NODE_OPTIONS: '', FORCE_COLOR: '0' },
    encoding: 'utf8',
    timeout: WATCHDOG_MS,
    killSignal: 'SIGKILL',
  })
}

const hasNumpy = () => spawnSync('python3', ['-c', 'import numpy']).status === 0

test.for(programs)('$title runs and prints what is shown', (program, context) => {
  const usesPython = [...program.files.values()].some(text => text.includes('python3'))
  if (usesPython && !hasNumpy()) context.skip('needs python3 with numpy')
  const { status, signal, stdout, stderr } = run(program)
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
  if (program.output !== null) expect(difference(program.output, stdout)).toBeNull()
})

test('there are programs: in the README, in guides and in packages', () => {
  const titles = programs.map(({ title }) => title).join('\n')
  for (const place of [/^README/m, /^docs\/guides/m, /^packages\/core/m]) {
    expect(titles).toMatch(place)
  }
})
