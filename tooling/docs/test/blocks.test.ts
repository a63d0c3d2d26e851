/** How blocks are read, and that every block of the documentation can be. */
import { expect, test } from 'vitest'
import { allBlocks, blocksIn } from '../src/blocks.js'
import { programsIn } from '../src/programs.js'
import { difference } from '../src/shown.js'

const LANGUAGES = ['js', 'python', 'sh', 'console', '']
const fence = (language: string, ...lines: string[]) =>
  ['```', language, '\n', ...lines.map(line => `${line}\n`), '```\n'].join('')

test('a block is of a language that is run, is output, or says that it is not run and why', () => {
  const unknown = allBlocks()
    .filter(({ language, notRun }) => !LANGUAGES.includes(language) && notRun === null)
    .map(({ doc, line, language }) => `${doc}:${line} ${language}`)
  expect(unknown).toEqual([])
})

test('commands stand in blocks of sh or console, so that they are found', () => {
  const hidden = allBlocks()
    .filter(({ language, body }) => language === '' && /^(npm|npx|node|cd|docker) /m.test(body))
    .map(({ doc, line }) => `${doc}:${line}`)
  expect(hidden).toEqual([])
})

test('children are not started, and the output after them is that of the parent', () => {
  const text = [
    fence('js', '// parent.mjs', "fork('child.mjs')"),
    fence('js', '// child.mjs: the other one', 'go()'),
    fence('', 'done'),
  ].join('\n')
  const programs = programsIn(blocksIn('a.md', text))
  expect(programs.map(({ command, output }) => [command, output])).toEqual([
    [['node', 'parent.mjs'], 'done\n'],
  ])
  expect([...programs[0]!.files.keys()]).toEqual(['parent.mjs', 'child.mjs'])
})

test('two files in one block are told apart by their first lines', () => {
  const block = fence('js', '// a.mjs', 'import "./b.mjs"', '', '// b.mjs', 'go()')
  const [program] = programsIn(blocksIn('a.md', block))
  expect(program!.command).toEqual(['node', 'a.mjs'])
  expect(program!.files.get('b.mjs')).toBe('// b.mjs\ngo()\n')
})

test('output after words is not output of the program before', () => {
  const text = `${fence('js', 'go()')}\nwords\n\n${fence('', 'text')}`
  expect(programsIn(blocksIn('a.md', text))[0]!.output).toBeNull()
})

test('a console block says how a file is started', () => {
  const text = fence('js', '// a.mjs', 'go()') + fence('console', '$ node --test a.mjs', 'ok 1')
  const programs = programsIn(blocksIn('a.md', text))
  expect(programs.map(({ command, output }) => [command, output])).toEqual([
    [['node', '--test', 'a.mjs'], 'ok 1\n'],
  ])
})

test('a block in a list is indented, and what it holds is not', () => {
  const text = '- words\n\n  ```sh\n  cd a\n    b\n  ```\n'
  expect(blocksIn('a.md', text).map(({ line, body }) => [line, body])).toEqual([[3, 'cd a\n  b\n']])
})

test('a block that says so is not run', () => {
  const blocks = blocksIn('a.md', fence('js', '// not run: it needs a server', 'go()'))
  expect(blocks[0]!.notRun).toBe('it needs a server')
  expect(programsIn(blocks)).toEqual([])
})

test('output may differ in pids, names, times and left-out lines, and in nothing else', () => {
  const shown = 'pid 12345\nmade /dsm.abcdefghijk23.7777\n…\n12 tests, 3.5 ms\n'
  const same = 'pid 2345678\nmade /dsm.mfrggzdfmztwq.12345678\na\nb\n12 tests, 17 ms\n'
  expect(difference(shown, same)).toBeNull()
  expect(difference(shown, same.replace('12 tests', '13 tests'))).not.toBeNull()
  expect(difference(shown, `${same}more\n`)).not.toBeNull()
  expect(difference('a.b\n', 'axb\n')).not.toBeNull()
  expect(difference('pid 26987\n', 'pid 1\n')).toBeNull()
  expect(difference('pid 26987\n', 'pid x\n')).not.toBeNull()
})
