/** The guide to errors has every code of DsmError once, and no other. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../src/blocks.js'

const codesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, code]) => code!)

const source = readFileSync(join(root, 'packages/impl/src/errors.ts'), 'utf8')
const list = /type DsmErrorCode =([\s\S]*?)\n\n/.exec(source)![1]!
const codes = codesIn(list, /'(DSM_[A-Z_]+)'/g)

test('the list of codes was found', () => {
  expect(codes).toContain('DSM_NOT_FOUND')
  expect(codes.length).toBeGreaterThan(20)
})

test.each(['docs/guides/errors.md', 'packages/impl/README.md'])(
  '%s has a row for every code, and no row for what is none',
  doc => {
    const text = readFileSync(join(root, doc), 'utf8')
    expect(codesIn(text, /^\| `(DSM_[A-Z_]+)` \|/gm).sort()).toEqual([...codes].sort())
  },
)
