/**
 * Canary: a small repository keeps every rule, and with one violation of each kind put in, the rule
 * in question must sing. A rule without a canary here fails, too.
 */
import { expect, test } from 'vitest'
import { rules } from '../src/rules.js'
import { broken, withFields } from './miniature.js'

const comment = '/** What it is. */\n'
const core = 'packages/core/package.json'
const posix = 'packages/impl-posix/package.json'
const source = (text: string) => ({ 'packages/core/src/dsm.ts': comment + text })
const tests = (text: string) => ({ 'packages/core/test/index.test.ts': comment + text })
const note = ['TO', 'DO'].join('')
const lines = (count: number, text = '\n') => text.repeat(count)

/** What was done, and the rule that must notice. */
const slips: [string, string, Record<string, string | null>][] = [
  [
    'core depends on a mechanism',
    'a manifest names only the packages that its layer may use',
    withFields(core, { dependencies: { '@dsm/impl-posix': 'workspace:^' } }),
  ],
  [
    'impl tests with a mechanism',
    'a manifest names only the packages that its layer may use',
    withFields('packages/impl/package.json', {
      devDependencies: { '@dsm/impl-posix': 'workspace:^' },
    }),
  ],
  [
    'a package without a place in the table',
    'a manifest names only the packages that its layer may use',
    { 'packages/extra/package.json': '{ "name": "@dsm/extra" }' },
  ],
  [
    'core imports a mechanism',
    'a file imports only what its layer may use and declares',
    source("import type { posix } from '@dsm/impl-posix'\n"),
  ],
  [
    'core requires a mechanism',
    'a file imports only what its layer may use and declares',
    source("const { posix } = require('@dsm/impl-posix')\n"),
  ],
  [
    'core imports what it may but does not declare',
    'a file imports only what its layer may use and declares',
    source("export * from '@dsm/lwlock'\n"),
  ],
  [
    'a deep path by name',
    'imports go to public entries only',
    source("await import('@dsm/control/src/layout.js')\n"),
  ],
  [
    'a relative path into another package',
    'imports go to public entries only',
    source("import { one } from '../../control/src/index.js'\n"),
  ],
  [
    'a pinned package of ours',
    'ours are workspace:^, the headers workspace:*, others exact',
    withFields(core, { dependencies: { '@dsm/control': 'workspace:*' } }),
  ],
  [
    'a range for a package of others',
    'ours are workspace:^, the headers workspace:*, others exact',
    withFields(core, { devDependencies: { vitest: '^4.0.0' } }),
  ],
  ['no README', 'every package has its files', { 'packages/core/README.md': null }],
  ['another licence', 'every manifest has its fields', withFields(core, { license: 'ISC' })],
  [
    'types not first',
    'every manifest has its fields',
    withFields(core, {
      exports: {
        '.': { default: './a.js', types: './a.d.ts' },
        './package.json': './package.json',
      },
    }),
  ],
  [
    'an install script',
    'nothing runs when a package is installed',
    withFields(posix, { scripts: { install: 'node-gyp-build' } }),
  ],
  [
    'a gyp file',
    'nothing runs when a package is installed',
    { 'packages/impl-posix/binding.gyp': '{}' },
  ],
  [
    'an addon compiled in its own way',
    'all addons are compiled by one recipe',
    withFields(posix, { scripts: { 'build:native': 'make' } }),
  ],
  [
    'a compiler configuration of its own',
    'all packages are checked by one compiler configuration',
    { 'packages/core/tsconfig.json': '{}' },
  ],
  ['a long file', 'no script has over 350 lines, no C++ file over 250', source(lines(351))],
  [
    'a long header',
    'no script has over 350 lines, no C++ file over 250',
    { 'packages/native/include/dsm/a.hpp': `// What it is.\n${lines(251)}` },
  ],
  [
    'a long function',
    'no function has over 70 lines',
    source(`const f = () => {\n${lines(70)}}\n`),
  ],
  ['a long line', 'no line of code has over 100 columns', source(`// ${lines(99, 'a')}\n`)],
  [
    'no opening comment',
    'every source file opens with a comment',
    { 'packages/core/src/dsm.ts': 'export const one = 1\n' },
  ],
  ['a note', 'nobody left a note to do something', source(`// ${note}: later\n`)],
  ['a grab bag', 'no file is a grab bag', { 'packages/core/src/util.ts': comment }],
  [
    'a place on this machine',
    'no file names a place on one machine',
    source(`const a = '${['', 'root', 'a'].join('/')}'\n`),
  ],
  [
    'a host in a text',
    'no file names a host of packages',
    source(`// ${['registry', 'npmjs', 'org'].join('.')}\n`),
  ],
  [
    'a host in the lock file',
    'no file names a host of packages',
    { 'pnpm-lock.yaml': '  tarball: https://a.example/b.tgz\n' },
  ],
  ['a test alone', 'no test runs alone', tests("describe.only('a', () => {})\n")],
  ['a skip', 'a skipped test says why', tests("test.skip('a', () => {})\n")],
  ['a skip within', 'a skipped test says why', tests("test('a', ctx => ctx.skip())\n")],
  [
    'two titles',
    'a text has exactly one title, first',
    { 'packages/core/README.md': '# a\n\n# b\n' },
  ],
  [
    'versions tied together',
    'each package has a version of its own',
    { '.changeset/config.json': '{ "fixed": [["@dsm/*"]] }' },
  ],
  [
    'a package forgotten in the first release',
    'every package to be released first has a changeset',
    { '.changeset/first.md': '---\n"@dsm/core": major\n---\n\nA\n' },
  ],
  [
    'a decision without a date',
    'decisions are numbered, dated and have a status',
    { 'docs/decisions/0002-b.md': '# 0002: B\n\nStatus: accepted.\n' },
  ],
  [
    'a number given twice',
    'decisions are numbered, dated and have a status',
    { 'docs/decisions/0001-b.md': '# 0001: B\n\nDate: 2026-01-31. Status: accepted.\n' },
  ],
]

test.each(rules)('a small clean repository keeps: $title', ({ check }) => {
  expect(check(broken({}))).toEqual([])
})

test.each(slips)('noticed: %s', (_, title, changes) => {
  const rule = rules.find(rule => rule.title === title)
  expect(rule?.check(broken(changes))).not.toEqual([])
})

test('every rule has a canary', () => {
  const sung = new Set(slips.map(([, title]) => title))
  expect(rules.map(({ title }) => title).filter(title => !sung.has(title))).toEqual([])
})
