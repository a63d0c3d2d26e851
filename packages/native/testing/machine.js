/**
 * What this machine has: other Nodes, sanitizers, and what it says of a compiled addon.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildTree, includeDir, treeVariable } from '../index.cjs'

const recipe = fileURLToPath(new URL('../bin/dsm-native-build.mjs', import.meta.url))

/** The executable of another Node line, fetched by npx; null where that cannot be had. */
export function nodeBinary(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const env = { ...process.env }
  delete env.npm_config_call // an outer `npx -c` sets these two, and the inner npx then fails
  delete env.npm_config_package
  const args = ['--yes', '-p', `node@${major}`, '-c', 'node -p process.execPath']
  const { status, stdout } = spawnSync('npx', args, { encoding: 'utf8', env, timeout: 50_000 })
  return status === 0 ? stdout.trim().split('\n').at(-1) : null
}

/**
 * Compiles a package's addon with a sanitizer, unless that was done since its sources last changed.
 * @throws Error with the compiler's words
 */
export function compileSanitized(kind, packageDir) {
  const output = join(buildTree(packageDir, kind), 'build', 'Release')
  const built = changedAtMs(output)
  const sources = [join(packageDir, 'native'), join(includeDir, 'dsm'), dirname(recipe)]
  if (built > Math.max(...sources.map(changedAtMs))) return
  const args = [recipe, '--quiet', `--sanitize=${kind}`]
  const ended = spawnSync(process.execPath, args, { cwd: packageDir, encoding: 'utf8' })
  if (ended.status !== 0) throw new Error(ended.stderr)
}

function changedAtMs(directory) {
  if (!existsSync(directory)) return 0
  const names = readdirSync(directory)
  return Math.max(0, ...names.map(name => statSync(join(directory, name)).mtimeMs))
}

/** What to set so that a package's addon is taken from a sanitized build; null without one. */
export function sanitizerEnvironment(kind, packageDir) {
  const { name } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
  const wanted = { address: ['asan'], undefined: ['ubsan'], all: ['asan', 'ubsan'] }[kind]
  const libraries = wanted.map(sharedLibrary)
  if (libraries.includes(null)) return null
  return {
    [treeVariable(name)]: buildTree(packageDir, kind),
    LD_PRELOAD: libraries.join(' '),
    ASAN_OPTIONS: 'detect_leaks=0:handle_abort=0', // Node never gives its own memory back
    UBSAN_OPTIONS: 'print_stacktrace=1',
  }
}

function sharedLibrary(name) {
  const args = [`-print-file-name=lib${name}.so`]
  const { stdout } = spawnSync(process.env.CXX ?? 'c++', args, { encoding: 'utf8' })
  const library = stdout?.trim() ?? ''
  return isAbsolute(library) && existsSync(library) ? library : null
}

/**
 * What a package's addon asks of the system that loads it: the newest glibc among its symbols, and
 * whether it can ever be unloaded. Null without objdump.
 */
export function requirements(packageDir) {
  const { name } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
  const file = join(packageDir, 'build', 'Release', `${name.split('/').at(-1)}.node`)
  const { status, stdout } = spawnSync('objdump', ['-T', '-p', file], { encoding: 'utf8' })
  if (status !== 0) return null
  const minors = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
  return {
    glibcMinor: Math.max(...minors),
    staysLoaded: /FLAGS_1\s+0x0*[0-9a-f]*[89a-f]\b/.test(stdout),
  }
}

export const isRoot = process.geteuid() === 0

/**
 * Why a test that needs a tool cannot run here; null if it can. Tools are tried, not looked up: a
 * container may have them and forbid what they do.
 */
export function whyNot(tool) {
  const tries = {
    strace: ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=openat', 'true'],
    unshare: ['unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'],
    'unshare --ipc': ['unshare', '--ipc', 'true'],
  }
  const [command, ...args] = tries[tool]
  const { status } = spawnSync(command, args, { stdio: 'ignore' })
  return status === 0 ? null : `${tool} does not work here`
}

const NOBODY = 65534

/** Why no other user can be had for a test, or cannot run this Node on this package; else null. */
export function whyNoOtherUser(packageDir) {
  if (!isRoot) return 'needs root'
  const source = `require('node:fs').accessSync(${JSON.stringify(join(packageDir, 'dist'))})`
  const { status } = spawnSync(process.execPath, ['-e', source], { uid: NOBODY, stdio: 'ignore' })
  return status === 0 ? null : 'another user cannot run this Node or read this folder'
}
