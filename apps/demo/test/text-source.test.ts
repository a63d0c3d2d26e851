/**
 * The text: from a file, or from installed sources, and what is refused.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseOptions, UsageError } from '../src/options.js'
import { fileText, installedSources, loadText } from '../src/text-source.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'demo-text-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a file is read whole, or its beginning if there is less room', () => {
  const path = join(directory, 'a.txt')
  writeFileSync(path, 'some words')
  const source = fileText(path)
  const whole = Buffer.alloc(source.sizeBytes)
  loadText(source, whole)
  expect(whole.toString()).toBe('some words')
  const beginning = Buffer.alloc(4)
  loadText(source, beginning)
  expect(beginning.toString()).toBe('some')
})

test('installed sources come in the order of their paths, over again until there is enough', () => {
  const store = join(directory, 'node_modules', '.pnpm')
  mkdirSync(join(store, 'x'), { recursive: true })
  mkdirSync(join(directory, 'apps', 'demo'), { recursive: true })
  writeFileSync(join(store, 'x', 'b.ts'), 'B'.repeat(2 ** 22))
  writeFileSync(join(store, 'a.mjs'), 'A'.repeat(2 ** 22))
  writeFileSync(join(store, 'readme.md'), 'no source')
  const source = installedSources(join(directory, 'apps', 'demo'))
  const names = source.files.map(({ path }) => path.slice(store.length + 1))
  expect(names.slice(0, 3)).toEqual(['a.mjs', join('x', 'b.ts'), 'a.mjs'])
  const text = Buffer.alloc(source.sizeBytes)
  loadText(source, text)
  expect(text.toString('latin1', 2 ** 22 - 1, 2 ** 22 + 2)).toBe('A\nB')
})

test('a file that became shorter is an error, not a text with zeros', () => {
  const path = join(directory, 'a.txt')
  writeFileSync(path, 'some words')
  const source = fileText(path)
  writeFileSync(path, 'some')
  expect(() => loadText(source, Buffer.alloc(source.sizeBytes))).toThrow(/became shorter/)
})

test('what cannot be counted is refused in a sentence', () => {
  writeFileSync(join(directory, 'empty'), '')
  expect(() => fileText(join(directory, 'empty'))).toThrow(/is empty: there is nothing to count/)
  expect(() => fileText(join(directory, 'none'))).toThrow(/cannot be read: ENOENT/)
  expect(() => fileText(directory)).toThrow(/is no regular file/)
})

test('options have defaults, and are refused if they cannot be', () => {
  expect(parseOptions([])).toMatchObject({
    file: null,
    backends: ['posix', 'sysv', 'mmap'],
    kill: true,
  })
  expect(parseOptions(['--no-kill'])).toMatchObject({ kill: false })
  expect(parseOptions(['--members', '3', '--impl', 'sysv', '--file', '/a'])).toEqual({
    file: '/a',
    memberCount: 3,
    backends: ['sysv'],
    kill: true,
  })
  expect(parseOptions(['--help'])).toBeNull()
  const refused = [
    ['--impl', 'windows'],
    ['--members', '0'],
    ['--members', '61'],
    ['--members', '2.5'],
    ['--files', 'a'],
    ['a.txt'],
  ]
  for (const args of refused) expect(() => parseOptions(args), args.join(' ')).toThrow(UsageError)
})
