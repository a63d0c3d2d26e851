/**
 * Everything that a published package exports has a docstring, and `docs/api` is what they say now.
 * `npm run docs:api` writes it anew.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type ApiReference, apiReference, entries } from '../src/api.js'
import { root } from '../src/blocks.js'

const folder = join(root, 'docs/api')
const pages = ['README.md', ...entries().map(({ page }) => `${page}.md`)].sort()
let reference: ApiReference

beforeAll(async () => {
  reference = await apiReference()
})

test('what a package exports has a docstring, and its links lead somewhere', () => {
  expect(reference.warnings).toEqual([])
})

test('there is a page for each entry that a program can import, and no other', () => {
  expect(pages).toContain('impl-conformance.md')
  expect([...reference.pages.keys()].sort()).toEqual(pages)
  expect(readdirSync(folder).filter(name => !pages.includes(name))).toEqual([])
})

test.for(pages)('docs/api/%s is what the docstrings say', async page => {
  await expect(reference.pages.get(page)).toMatchFileSnapshot(join(folder, page))
})
