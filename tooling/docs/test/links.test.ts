/** What a text links to in this repository is there. Headings and other sites are not asked for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { documents, root } from '../src/blocks.js'

const LINK = /\]\((?!\w+:|#)([^)#\s]+)/g

const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
    .map(({ name }) => `${folder}/${name}`)

const texts = [...documents(), 'ARCHITECTURE.md', ...['docs', 'docs/decisions'].flatMap(inFolder)]

const linksIn = (doc: string) =>
  [...readFileSync(join(root, doc), 'utf8').matchAll(LINK)].map(([, to]) => ({ doc, to: to! }))

const links = texts.flatMap(linksIn)

test('every link within the repository leads to a file', () => {
  const dead = links.filter(({ doc, to }) => !existsSync(join(root, dirname(doc), to)))
  expect(dead).toEqual([])
})

test('there are links', () => expect(links.length).toBeGreaterThan(50))
