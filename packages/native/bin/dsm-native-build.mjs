#!/usr/bin/env node
/**
 * The one recipe that compiles a dsm addon. Run in a package's folder, it makes `native/*.cc` into
 * `build/Release/<name>.node` with the system's C++ compiler and the headers of two npm packages.
 * It is not gyp: no Python, no download, no generated build files. And it is no make: it always
 * compiles (a second or two); turbo decides when that is needed.
 *
 *   dsm-native-build [--debug] [--sanitize=address|undefined|all] [--prebuild] [--clang] [--quiet]
 *
 * A debug or sanitized build goes into a tree of its own, `build/<kind>/build/Release`, and is
 * chosen at run time, never by accident: see `load` in index.cjs. CXX and CXXFLAGS are heeded.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import native from '../index.cjs'

const { values: options } = parseArgs({
  options: {
    debug: { type: 'boolean', default: false },
    sanitize: { type: 'string' },
    prebuild: { type: 'boolean', default: false },
    clang: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
})

function fail(sentence) {
  console.error(`dsm-native-build: ${sentence}`)
  process.exit(1)
}

const packageDir = process.cwd()
if (!existsSync(join(packageDir, 'package.json'))) fail('run it in the folder of a package')
const { name } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
const addon = name.slice(name.lastIndexOf('/') + 1)
const sources = existsSync(join(packageDir, 'native'))
  ? readdirSync(join(packageDir, 'native')).filter(file => file.endsWith('.cc'))
  : []
if (sources.length === 0) fail(`nothing to compile: no native/*.cc in ${packageDir}`)
if (options.sanitize !== undefined && !['address', 'undefined', 'all'].includes(options.sanitize)) {
  fail(`--sanitize is "address", "undefined" or "all", not "${options.sanitize}"`)
}

const compiler = options.clang ? 'clang++' : (process.env.CXX ?? 'c++')
const flagsFromUser = (process.env.CXXFLAGS ?? '').split(/\s+/).filter(Boolean)

/** Where the binary goes. An unstripped build never replaces the Release one. */
function outputFile() {
  if (options.prebuild) {
    const report = process.report?.getReport()
    const linux = report?.header.glibcVersionRuntime ? 'glibc' : 'musl'
    const libc = process.platform === 'linux' ? `.${linux}` : ''
    const place = join(packageDir, 'prebuilds', `${process.platform}-${process.arch}`)
    return join(place, `${addon}${libc}.node`)
  }
  const tree = native.buildTree(
    packageDir,
    options.sanitize ?? (options.debug ? 'debug' : 'release'),
  )
  return join(tree, 'build', 'Release', `${addon}.node`)
}

function compilerFlags() {
  const require = createRequire(import.meta.url)
  // In a user's project a newer compiler may know newer warnings: they are no errors there.
  const strict = packageDir.includes(`${sep}node_modules${sep}`) ? [] : ['-Werror']
  const optimise = options.debug || options.sanitize ? ['-O1', '-g'] : ['-O2', '-DNDEBUG']
  const sanitize = options.sanitize
    ? [
        `-fsanitize=${options.sanitize.replace('all', 'address,undefined')}`,
        '-fno-sanitize-recover=all',
        '-fno-omit-frame-pointer',
      ]
    : []
  const link =
    process.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup']
      : // nodelete: what only a worker loaded is not unloaded with it, under pending finalizers.
        ['-shared', '-Wl,-z,nodelete', '-Wl,-z,relro', '-Wl,-z,now']
  if (options.prebuild) link.push('-s') // what nobody debugs need not travel
  return [
    ...['-std=c++17', '-fPIC', '-fvisibility=hidden', '-fvisibility-inlines-hidden', '-pthread'],
    ...['-fno-exceptions', '-fno-rtti', '-fno-strict-aliasing'],
    ...['-Wall', '-Wextra', '-Wshadow', '-Wconversion', ...strict],
    ...optimise,
    ...sanitize,
    ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=addon'],
    // An ending worker takes no exceptions; without this, throwing one aborts Node.
    '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    ...['-isystem', require('node-api-headers').include_dir],
    ...['-isystem', dirname(require.resolve('node-addon-api/package.json'))],
    ...['-I', native.includeDir],
    ...flagsFromUser,
    ...link,
  ]
}

const output = outputFile()
const temporary = `${output}.${process.pid}.tmp`
mkdirSync(dirname(output), { recursive: true })
const files = sources.map(file => join(packageDir, 'native', file))
const started = performance.now()
const run = spawnSync(compiler, [...compilerFlags(), ...files, '-o', temporary], {
  stdio: 'inherit',
})
if (run.error || run.status !== 0) {
  rmSync(temporary, { force: true })
  if (run.error?.code === 'ENOENT') {
    fail(`no C++17 compiler: "${compiler}" is not installed (set CXX, or install g++ or clang++)`)
  }
  fail(`${compiler} ${run.error ? `did not start: ${run.error.message}` : 'reported errors'}`)
}
renameSync(temporary, output) // whoever has the old one loaded keeps it
if (!options.quiet) {
  console.log(`${name}: ${output} (${Math.round(performance.now() - started)} ms)`)
}
