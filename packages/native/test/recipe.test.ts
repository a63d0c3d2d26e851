/**
 * The recipe and the loader, as a package in an awkward directory meets them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildTree, includeDir, load, treeVariable } from '@dsm/native'
import { leftovers, runModule, testDirectory } from '@dsm/native/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const recipe = fileURLToPath(new URL('../bin/dsm-native-build.mjs', import.meta.url))
const root = testDirectory()
/** URLs, printf and shells each stumble over one of these. */
const packageDir = join(root, 'a blank #hash 100%41')

const SOURCE = `
#include "dsm/error.hpp"
#include "dsm/unique_fd.hpp"
static Napi::Value Fail(const Napi::CallbackInfo& info) {
  dsm::UniqueFd none;
  dsm::Failure failure = dsm::Failure::Of("resize", "fallocate", 28);
  failure.advice = "Buy a disk";
  dsm::Throw(info.Env(), failure);
  return {};
}
static Napi::Value Kind(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), KIND);
}
static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("fail", Napi::Function::New<Fail>(env));
  exports.Set("kind", Napi::Function::New<Kind>(env));
  return exports;
}
NODE_API_MODULE(addon, Init)
`

interface Sample {
  fail(): never
  kind(): string
}

function build(options: string[] = [], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [recipe, ...options], {
    cwd: packageDir,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
}

beforeAll(() => {
  mkdirSync(join(packageDir, 'node_modules'), { recursive: true })
  writeFileSync(join(packageDir, 'package.json'), '{ "name": "@scope/test-addon" }')
  const posix = createRequire(new URL('../../impl-posix/package.json', import.meta.url))
  const loader = join(posix.resolve('node-gyp-build/package.json'), '..')
  symlinkSync(loader, join(packageDir, 'node_modules', 'node-gyp-build'))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a package without a native folder is told what is missing', () => {
  const ended = build()
  expect(ended.status).toBe(1)
  expect(ended.stderr).toContain('nothing to compile: no native/*.cc')
})

test('a missing addon is one sentence that says what to run', () => {
  expect(() => load(packageDir)).toThrow(
    `@scope/test-addon has no compiled addon for ${process.platform}-${process.arch}. ` +
      `To compile it, run "npx dsm-native-build" in ${packageDir} (needs a C++17 compiler)`,
  )
  expect(() => load(packageDir)).toThrow(expect.objectContaining({ code: 'DSM_ADDON_MISSING' }))
})

test('the recipe compiles native/*.cc into build/Release, CXXFLAGS included', () => {
  mkdirSync(join(packageDir, 'native'))
  writeFileSync(join(packageDir, 'native', 'sample.cc'), SOURCE)
  const ended = build([], { CXXFLAGS: '-DKIND="release"' })
  expect(ended.stderr).toBe('')
  expect(ended.status).toBe(0)
  expect(readdirSync(join(packageDir, 'build', 'Release'))).toEqual(['test-addon.node'])
  expect(load<Sample>(packageDir).kind()).toBe('release')
})

test('a failure carries the fields that @dsm/impl makes a DsmError of', () => {
  expect(() => load<Sample>(packageDir).fail()).toThrow(
    expect.objectContaining({
      ...{ message: 'fallocate failed with errno 28', verb: 'resize', syscall: 'fallocate' },
      ...{ errno: 28, advice: 'Buy a disk' },
    }),
  )
})

test('another build goes to a tree of its own and is chosen by a variable', async () => {
  const ended = build(['--debug', '--quiet'], { CXXFLAGS: '-DKIND="debug"' })
  expect(ended).toMatchObject({ status: 0, stdout: '', stderr: '' })
  const source = `
    import { createRequire } from 'node:module'
    const { load } = createRequire(process.cwd() + '/')(process.argv.at(-1))
    console.log(load(${JSON.stringify(packageDir)}).kind())`
  const native = fileURLToPath(new URL('../index.cjs', import.meta.url))
  const options = { cwd: packageDir, args: [native] }
  expect((await runModule(source, options)).stdout).toBe('release\n')
  const env = { [treeVariable('@scope/test-addon')]: buildTree(packageDir, 'debug') }
  expect(await runModule(source, { ...options, env })).toMatchObject({ stdout: 'debug\n' })
})

test('a prebuilt addon is named by platform and C library, and found without a build', () => {
  const ended = build(['--prebuild', '--quiet'], { CXXFLAGS: '-DKIND="prebuilt"' })
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  const [file] = readdirSync(join(packageDir, 'prebuilds', `linux-${process.arch}`))
  expect(file).toMatch(/^test-addon\.(glibc|musl)\.node$/)
  rmSync(join(packageDir, 'build'), { recursive: true })
  const find = createRequire(join(packageDir, 'package.json'))
  expect(find('node-gyp-build').resolve(packageDir)).toContain('prebuilds')
})

test('an addon that the system refuses says why, and what to run', () => {
  const place = join(packageDir, 'prebuilds', `linux-${process.arch}`)
  for (const file of readdirSync(place)) writeFileSync(join(place, file), 'not ELF')
  expect(() => load(packageDir)).toThrow(
    /^@scope\/test-addon has no compiled addon for \S+ that loads \(.+\)\. To compile it, run /,
  )
  expect(() => load(packageDir)).toThrow(expect.objectContaining({ code: 'DSM_ADDON_MISSING' }))
})

test('a source that does not compile, or warns, leaves no binary and no temporary file', () => {
  writeFileSync(join(packageDir, 'native', 'sample.cc'), 'int f(long x) { int y = x; return y; }')
  const ended = build()
  expect(ended.status).toBe(1)
  expect(ended.stderr).toContain('-Werror=conversion')
  expect(ended.stderr).toContain('reported errors')
  expect(readdirSync(join(packageDir, 'build', 'Release'))).toEqual([])
})

test('no compiler, an unknown sanitizer and an unknown option are each said', () => {
  expect(build([], { CXX: 'no-such-compiler' }).stderr).toContain(
    'no C++17 compiler: "no-such-compiler" is not installed (set CXX, or install g++ or clang++)',
  )
  expect(build(['--sanitize=memory']).stderr).toContain(
    '--sanitize is "address", "undefined" or "all"',
  )
  expect(build(['--fast']).status).not.toBe(0)
})

test('the paths that the package gives exist', () => {
  expect(existsSync(join(includeDir, 'dsm', 'error.hpp'))).toBe(true)
  expect(buildTree('/a')).toBe('/a')
  expect(buildTree('/a', 'address')).toBe('/a/build/address')
})

test('nothing is left behind', async () => {
  rmSync(root, { recursive: true, force: true })
  expect(await leftovers()).toEqual([])
})
