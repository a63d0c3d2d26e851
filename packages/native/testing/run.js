/**
 * Programs in processes of their own, with a watchdog on each.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { newNonce, notePid } from './leftovers.js'

const scenarioProgram = fileURLToPath(new URL('./scenarios/main.mjs', import.meta.url))

/** Runs a program to its end, or kills it after `timeoutMs`. Never throws for how it ended. */
export function run(command, args, options = {}) {
  const { timeoutMs = 55_000, env, onSpawn, ...rest } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, env: { ...process.env, ...env } })
    if (child.pid !== undefined) notePid(child.pid)
    onSpawn?.(child)
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', chunk => (output.stdout += chunk))
    child.stderr.on('data', chunk => (output.stderr += chunk))
    const watchdog = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(watchdog)
      resolve({ code, signal, ...output })
    })
  })
}

/** Runs an ES module given as text. */
export function runModule(source, options = {}) {
  const { node = process.execPath, nodeArgs = [], args = [], ...rest } = options
  return run(node, [...nodeArgs, '--input-type=module', '-e', source, '--', ...args], rest)
}

/** Runs one of SCENARIOS over a package's built files. */
export function runScenario({ packageDir, factory, scenario, parameter, node, env }) {
  const url = pathToFileURL(join(packageDir, 'dist', 'index.js')).href
  const args = ['--expose-gc', scenarioProgram, url, factory, scenario]
  if (parameter !== undefined) args.push(String(parameter))
  return run(node ?? process.execPath, args, { env: { ...env, DSM_TEST_NONCE: newNonce() } })
}

/**
 * Whether a scenario ended well: null, or what is wrong. Compressing a buffer that is detached
 * meanwhile makes Node 20 abort by an assertion of its own, with any detached buffer.
 */
export function whatWentWrong(scenario, ended) {
  if (ended.code === 0 && ended.signal === null) return null
  if (scenario === 'compression' && ended.signal === 'SIGABRT' && /node_zlib/.test(ended.stderr)) {
    return null
  }
  const how = ended.signal ?? `code ${ended.code}`
  return `${scenario} ended with ${how}\n${ended.stdout}\n${ended.stderr.slice(-4000)}`
}

const operationProgram = fileURLToPath(new URL('./scenarios/operation.mjs', import.meta.url))

/**
 * Runs one operation in a process of its own and gives what it told, or `{ ended }` if it told
 * nothing. `prefix` is a command to run it under, as strace or unshare.
 */
export async function runOperation(options) {
  const { packageDir, factory, operation, handle, size, nonce, prefix = [], node, env } = options
  const url = pathToFileURL(join(packageDir, 'dist', 'index.js')).href
  const words = [...prefix, node ?? process.execPath, operationProgram, url, factory, operation]
  words.push(String(handle), String(size), JSON.stringify(options.factoryOptions ?? {}))
  const [command, ...args] = words
  const { cwd, uid, onSpawn } = options
  const settings = { env: { ...env, DSM_TEST_NONCE: nonce }, onSpawn }
  const ended = await run(command, args, { ...settings, ...(cwd && { cwd }), ...(uid && { uid }) })
  const line = ended.stdout.split('\n').find(text => text.startsWith('{'))
  if (line === undefined) return { ended }
  const told = JSON.parse(line)
  notePid(told.pid)
  return told
}

/** A prefix under which one system call on one of `paths` fails, as strace's `inject` says. */
export const injecting = (fault, ...paths) => {
  const [call] = fault.split(':')
  const only = paths.flatMap(path => ['-P', path])
  const quiet = ['-D', '-f', '-qq', '-o', '/dev/null']
  return ['strace', ...quiet, ...only, '-e', `trace=${call}`, '-e', `inject=${fault}`]
}

/** A prefix under which a small tmpfs is mounted on a directory, for that program alone. */
export const onSmallTmpfs = (directory, bytes) => {
  const mount = `mount -t tmpfs -o size=${bytes},mode=1777 tmpfs '${directory}' && exec "$@"`
  return ['unshare', '-m', 'sh', '-c', mount, 'sh']
}
