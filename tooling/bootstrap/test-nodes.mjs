/**
 * `npm run test:nodes [-- package … --node MAJOR …]`: the suite of each package under every
 * Node that we promise, one after another, ending in one table. The Nodes are npm packages, fetched
 * by npx; addons are not compiled again, for Node-API is the same in all.
 * It runs inside the shell that bootstrap.mjs makes, after the build.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Totals } from './totals.mjs'

const NODES = ['20', '22', '24', '26']
const TAIL_LINES = 60

const root = fileURLToPath(new URL('../../', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true, default: NODES } },
})

const env = { ...process.env }
delete env.npm_config_call // an outer `npx -c` sets these two, and the inner npx then fails
delete env.npm_config_package

/** Folders with a suite: all, or those that were named. */
function suites() {
  const all = ['packages', 'apps', 'tooling'].flatMap(parent =>
    readdirSync(join(root, parent))
      .map(name => join(parent, name))
      .filter(path => existsSync(join(root, path, 'vitest.config.ts')))
      .filter(path => existsSync(join(root, path, 'test'))),
  )
  if (positionals.length === 0) return all
  const wanted = positionals.map(name => name.replace('@dsm/', ''))
  const known = new Set(all.map(path => path.split('/')[1]))
  const unknown = wanted.find(name => !known.has(name))
  if (unknown !== undefined) {
    console.error(`no suite "${unknown}"; there are ${[...known].join(', ')}`)
    process.exit(2)
  }
  return all.filter(path => wanted.includes(path.split('/')[1]))
}

/** Outside anybody's home: some tests run as another user. */
const place = mkdtempSync(join(tmpdir(), 'dsm-nodes-'))
chmodSync(place, 0o755)
process.on('exit', () => rmSync(place, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(130))

/** The executable of one Node, and its exact version; null if it cannot be had. */
function obtain(major) {
  const code = 'console.log(JSON.stringify([process.execPath, process.version]))'
  const args = ['--yes', '-p', `node@${major}`, '-c', `node -e '${code}'`]
  const { status, stdout, stderr } = spawnSync('npx', args, { env, encoding: 'utf8' })
  if (status === 0) {
    const [fetched, version] = JSON.parse(stdout.trim().split('\n').at(-1))
    const node = join(place, version, 'node')
    mkdirSync(dirname(node))
    copyFileSync(fetched, node, constants.COPYFILE_FICLONE)
    return [node, version]
  }
  console.log(`Node ${major} could not be obtained:\n${stderr}`)
  return null
}

/** One suite under one Node. What it printed is shown if it failed. */
function run(node, suite) {
  const started = performance.now()
  const totals = new Totals()
  let output = ''
  const child = spawn(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], {
    cwd: join(root, suite),
    env: { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
      totals.add(chunk)
    })
  }
  return new Promise(resolve => {
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - started) / 1000
      const ok = code === 0 && totals.passed > 0
      if (!ok) console.log(output.split('\n').slice(-TAIL_LINES).join('\n'))
      resolve({ ok, code: code ?? signal, seconds, totals })
    })
  })
}

function cell({ ok, code, seconds, totals }) {
  const { passed, failed, skipped } = totals
  const counts = [`${passed} passed`]
  if (failed > 0 || !ok) counts.push(failed > 0 ? `${failed} FAILED` : `FAILED (${code})`)
  if (skipped > 0) counts.push(`${skipped} skipped`)
  return `${counts.join(', ')}, ${seconds.toFixed(1)} s`
}

function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  for (const row of rows) {
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
  }
}

const chosen = suites()
const names = chosen.map(path => JSON.parse(readFileSync(join(root, path, 'package.json'))).name)
const rows = [['Node', ...names]]
for (const major of values.node) {
  const [node, version] = obtain(major) ?? []
  const row = [version ?? `${major}: not obtained`]
  for (const [index, suite] of chosen.entries()) {
    const result = node === undefined ? null : await run(node, suite)
    if (!result?.ok) process.exitCode = 1
    row.push(result === null ? 'not run' : cell(result))
    console.log(`${row[0]} ${names[index]}: ${row.at(-1)}`)
  }
  rows.push(row)
}
// Packages down, Nodes across: there are more packages than Nodes.
console.log()
printTable(rows[0].map((_, column) => rows.map(row => row[column])))
