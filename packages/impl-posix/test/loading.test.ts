/**
 * The built package as it is loaded: as an ES module and as CommonJS, from a directory whose name
 * breaks URLs, and without a compiled addon.
 */
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { leftovers, run, runModule, testDirectory } from '@dsm/native/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const packageDir = fileURLToPath(new URL('..', import.meta.url))
const root = testDirectory()
const copy = join(root, 'a blank #hash 100%41')

beforeAll(() => {
  mkdirSync(join(copy, 'build'), { recursive: true })
  for (const part of ['package.json', 'dist', 'build/Release']) {
    cpSync(join(packageDir, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(packageDir, 'node_modules'), join(copy, 'node_modules'))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const esm = `import(process.argv.at(-1)).then(
  library => console.log(library.posix().kind), error => console.log(error.code, error.message))`
const cjs = `try { console.log(require(process.argv.at(-1)).posix().kind) }
  catch (error) { console.log(error.code, error.message) }`
const loadAsModule = () =>
  runModule(esm, { args: [pathToFileURL(join(copy, 'dist', 'index.js')).href] })
const loadAsCommonJs = () =>
  run(process.execPath, ['-e', cjs, '--', join(copy, 'dist', 'index.cjs')])

test('both forms load from a directory with a blank, # and % in its name', async () => {
  expect(await loadAsModule()).toMatchObject({ code: 0, stdout: 'posix\n', stderr: '' })
  expect(await loadAsCommonJs()).toMatchObject({ code: 0, stdout: 'posix\n', stderr: '' })
})

test('without a compiled addon both say what to run, and where', async () => {
  rmSync(join(copy, 'build'), { recursive: true })
  const said =
    `DSM_ADDON_MISSING @dsm/impl-posix has no compiled addon for linux-${process.arch}. ` +
    `To compile it, run "npx dsm-native-build" in ${copy} (needs a C++17 compiler)\n`
  expect((await loadAsModule()).stdout).toBe(said)
  expect((await loadAsCommonJs()).stdout).toBe(said)
})

test('nothing is left behind', async () => {
  rmSync(root, { recursive: true })
  expect(await leftovers()).toEqual([])
})
