/** Every test that SECURITY.md names is there: the file, and a part of one of its titles. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
const FILE_OR_TITLE = /`([^`]+\.test\.ts)`|“([^”]+)”/g

/** In the order of the page; a title belongs to the file before it, in the same row. */
function named(row: string): { file: string; title: string }[] {
  const found: { file: string; title: string }[] = []
  let file: string | null = null
  for (const [, path, title] of row.matchAll(FILE_OR_TITLE)) {
    if (path !== undefined) file = path
    else if (file !== null && title !== undefined) found.push({ file, title })
  }
  return found
}

const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter(line => /^\| \d+ \|/.test(line))
const all = rows.flatMap(named)

test('every promise names a test, or says why it cannot', () => {
  const bare = rows.filter(row => named(row).length === 0)
  expect(bare.map(row => row.split('|')[1]!.trim())).toEqual(['6', '9'])
  expect(all.length).toBeGreaterThan(20)
})

test.each(all)('$file has a test “$title”', ({ file, title }) => {
  expect(readFileSync(join(root, file), 'utf8')).toContain(title)
})
