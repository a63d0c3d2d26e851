/**
 * Every package in a fresh project: installed by each manager, imported as an ES module, by
 * CommonJS and from TypeScript, under each Node. `npm run test:install` runs the full form.
 */
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { root } from '../src/clone.js'
import { Project } from '../src/project.js'
import { run } from '../src/run.js'
import { asCommonJs, nameOf, USES } from '../src/uses.js'

const place = inject('place')
const registry = inject('registry')
const { managers, nodes } = inject('tools')

/** What ran: manager, Node, and how many programs ended well. */
const ran = new Map<string, number>()

const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
const TYPES = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node']
const COMMON = [...STRICT, ...TYPES, '--skipLibCheck', 'false', '--target', 'ES2022']
const LIB = ['--lib', 'ES2022,ESNext.Disposable']

/** The compiler that this repository uses, on files of the user's folders. */
function compile(dir: string, args: readonly string[]) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const all = [tsc, ...COMMON, ...LIB, ...args]
  return run(process.execPath, all, { cwd: dir, env: process.env })
}

describe.each(managers.map(manager => ({ manager, title: `${manager.name} ${manager.version}` })))(
  '$title',
  ({ manager, title }) => {
    const projects = USES.map(use => ({
      use,
      title: nameOf(use),
      project: new Project({ place, registry, manager, name: nameOf(use).replaceAll(/\W+/g, '-') }),
    }))

    test.each(projects)('installs $title and nothing besides', async ({ use, project }) => {
      await project.install(use.asked)
      expect(project.installed()).toEqual([...new Set(use.installed)].sort())
    })

    test('strict TypeScript compiles, resolving as NodeNext and as a bundler does', async () => {
      for (const { use, project } of projects) {
        project.write('esm.mjs', use.program)
        project.write('cjs.cjs', asCommonJs(use.program))
        for (const file of ['typed.mts', 'typed.cts', 'bundled.ts'])
          project.write(file, use.program)
      }
      const files = (name: string) => projects.map(({ project }) => join(project.dir, name))
      const modules = [...files('typed.mts'), ...files('typed.cts')]
      const bundler = ['--module', 'ESNext', '--moduleResolution', 'bundler', '--noEmit']
      const compiled = await Promise.all([
        compile(place, ['--module', 'NodeNext', ...modules]),
        compile(place, [...bundler, ...files('bundled.ts')]),
      ])
      const clean = { code: 0, stdout: '', stderr: '' }
      expect(compiled).toEqual([clean, clean])
    })

    const cells = nodes.flatMap(node => projects.map(of => ({ ...of, node, on: node.version })))
    test.each(cells)('$title runs on Node $on in four forms', async ({ use, project, node }) => {
      const forms = ['esm.mjs', 'cjs.cjs', 'typed.mjs', 'typed.cjs']
      const ended = await Promise.all(forms.map(file => project.node(node, [file])))
      const well = { code: 0, stdout: use.prints, stderr: '' }
      expect(ended).toEqual(forms.map(() => well))
      const cell = `${title}, Node ${node.version}`
      ran.set(cell, (ran.get(cell) ?? 0) + forms.length)
    })
  },
)

afterAll(() => {
  for (const [cell, programs] of ran) console.log(`${cell}: ${programs} programs`)
})
