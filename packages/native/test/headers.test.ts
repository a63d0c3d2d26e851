/**
 * The headers: each compiles alone, opens with what it is, and stays short; the program in unit/
 * tests those that need no JavaScript, plainly and under both sanitizers.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { includeDir } from '@dsm/native'
import { run, testDirectory } from '@dsm/native/testing'
import { afterAll, describe, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const compiler = process.env.CXX ?? 'c++'
const flags = [
  ...['-std=c++17', '-fno-exceptions', '-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Werror'],
  ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-I', includeDir],
  ...['-isystem', require('node-api-headers').include_dir],
  ...['-isystem', dirname(require.resolve('node-addon-api/package.json'))],
]
const headers = readdirSync(join(includeDir, 'dsm')).sort()
const folder = testDirectory()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(headers)('%s', header => {
  const path = join(includeDir, 'dsm', header)
  const lines = readFileSync(path, 'utf8').split('\n')

  test('says first what it is, and stays within 250 lines of 100 characters', () => {
    expect(lines[0]).toMatch(/^\/\/ \S/)
    expect(lines.length).toBeLessThanOrEqual(250)
    expect(lines.filter(line => line.length > 100)).toEqual([])
  })

  test('compiles alone, without a warning', () => {
    const args = [...flags, '-fsyntax-only', '-x', 'c++', '-']
    const input = `#include "dsm/${header}"\n`
    const { status, stderr } = spawnSync(compiler, args, { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('is in the table of the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    expect(readme).toContain(`\`${header}\``)
  })
})

test('headers include only what stands above them in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const order = [...readme.matchAll(/^\| `(\w+\.hpp)` /gm)].map(([, name]) => name!)
  expect([...order].sort()).toEqual(headers)
  for (const [place, header] of order.entries()) {
    const text = readFileSync(join(includeDir, 'dsm', header), 'utf8')
    const included = [...text.matchAll(/#include "dsm\/(\w+\.hpp)"/g)].map(([, name]) => name!)
    for (const name of included) expect(order.slice(0, place), `of ${header}`).toContain(name)
  }
})

describe.each(['none', 'address', 'undefined'])('unit program, sanitizer %s', sanitizer => {
  test('every check holds', async () => {
    const program = join(folder, `unit-${sanitizer}`)
    const source = fileURLToPath(new URL('./unit/main.cc', import.meta.url))
    const extra = sanitizer === 'none' ? [] : [`-fsanitize=${sanitizer}`, '-fno-sanitize-recover']
    const args = [...flags, '-O1', '-g', ...extra, source, '-o', program, '-ldl', '-pthread']
    const compiled = spawnSync(compiler, args, { encoding: 'utf8' })
    expect(compiled.stderr).toBe('')
    const ended = await run(program, [], { timeoutMs: 20_000 })
    expect(ended.stderr).toBe('')
    expect(ended.stdout).not.toContain('NOT OK')
    expect(ended).toMatchObject({ code: 0, signal: null })
    expect(ended.stdout.split('\n').filter(line => line.startsWith('ok ')).length).toBe(46)
  })
})
