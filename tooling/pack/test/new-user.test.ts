/**
 * The first five minutes of a new user: an empty folder, `npm init -y`, `npm install`, the
 * program of the README, run. Nothing else is there, and the first try counts.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { root } from '../src/clone.js'
import { Project } from '../src/project.js'

const { managers, nodes } = inject('tools')
const [manager] = managers

/** The code blocks of one language in the README, in order. */
function blocks(language: string): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const fences = readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
  return [...fences].filter(([, of]) => of === language).map(([, , text]) => text ?? '')
}

test.each(nodes)('the program of the README runs at the first try on Node $version', async node => {
  if (manager === undefined) throw new Error('there is no package manager')
  const place = join(inject('place'), `new-user-${node.version}`)
  mkdirSync(place)
  const tools = { ...manager, node }
  const project = new Project({ place, registry: inject('registry'), manager: tools, name: 'try' })
  const programs = blocks('js').filter(text => /^\/\/ (parent|child)\.mjs\n/.test(text))
  expect(programs).toHaveLength(2)
  await project.manage('init', '-y')
  await project.manage('install', '@dsm/core', '@dsm/impl-posix')
  for (const text of programs) project.write(text.slice(3, text.indexOf('\n')), text)
  const ended = await project.node(node, ['parent.mjs'])
  expect(ended).toEqual({ code: 0, stdout: 'hello from the parent\n', stderr: '' })
  expect(blocks('')).toContain(ended.stdout)
})
