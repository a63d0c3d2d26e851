/**
 * Runs the mutants: each spoils one line of a package's source in a private copy of the repository,
 * where the test of its case has to fail that passed before. Writes `results.json`; the page is
 * written by `npm run write`. Nothing outside the copy is changed, and the copy goes whatever
 * happens, Ctrl-C included.
 *
 * It proves of a test that it can fail, not that it is complete. Only tests that import the source
 * of their own package are run, so that nothing has to be built again.
 * npm run mutants [-- <case> …]   with numbers: only those, and results.json is left alone
 */
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const here = name => fileURLToPath(new URL(name, import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'dsm-mutants-'))
/** Longer than any test file here takes by far; what a mutant makes run for ever is caught. */
const WATCHDOG_MS = 120_000
let running = null

process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stop(running)
    process.exit(1)
  })
}

/** The child is the leader of its own group: vitest's workers end with it. */
function stop(child) {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, 'SIGKILL')
}

/** What core's tests keep in memory of their own, under vitest's pid, if they were killed. */
function removeShared(pid) {
  const left = readdirSync('/dev/shm').filter(name => name.startsWith(`dsm-core-test-${pid}-`))
  for (const name of left) rmSync(join('/dev/shm', name), { recursive: true, force: true })
}

/** What tests need: sources, what is built, and the same installed packages. */
function copyRepository() {
  const left = new Set(['.git', '.turbo', '.vite', '.vite-temp'])
  for (const folder of ['packages', 'tooling']) {
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      verbatimSymlinks: true, // packages/*/node_modules lead to each other by relative paths
      filter: path => !left.has(path.slice(path.lastIndexOf('/') + 1)),
    })
  }
  for (const name of readdirSync(ROOT)) {
    if (name.endsWith('.json') || name.endsWith('.yaml')) cpSync(join(ROOT, name), join(copy, name))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(join(copy, 'tmp'))
}

/** How many tests of the case passed, and failed; hung: they had to be stopped. */
async function runCase({ package: name, test, title, case: number }) {
  const dir = join(copy, 'packages', name)
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const pattern = `${title ?? `case ${number}`}[:,]`
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', test, '-t', pattern, '--reporter=json', `--outputFile=${report}`]
  const hung = await new Promise(resolve => {
    const env = { ...process.env, TMPDIR: join(copy, 'tmp') } // what a killed test leaves goes too
    running = spawn(process.execPath, args, { cwd: dir, env, stdio: 'ignore', detached: true })
    const watchdog = setTimeout(() => stop(running), WATCHDOG_MS)
    running.on('exit', (_, signal) => {
      clearTimeout(watchdog)
      removeShared(running.pid)
      resolve(signal === 'SIGKILL')
    })
  })
  if (hung) return { hung, passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  return { hung, passed: numPassedTests, failed: numFailedTests + numFailedTestSuites }
}

/** What cannot be parsed would be noticed by any test. */
function isProgram(text) {
  const { diagnostics } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  return diagnostics.length === 0
}

/** Passes as it is, and fails spoilt. @throws if the mutant says nothing */
async function tryMutant(mutant) {
  const path = join(copy, 'packages', mutant.package, mutant.file)
  const text = readFileSync(path, 'utf8')
  const where = `case ${mutant.case}, ${relative(copy, path)}`
  if (text.split(mutant.from).length !== 2) throw new Error(`${where}: "from" is not there once`)
  const before = await runCase(mutant)
  if (before.passed === 0 || before.failed > 0) {
    throw new Error(`${where}: unspoilt, ${before.passed} pass and ${before.failed} fail`)
  }
  const spoilt = text.replace(mutant.from, () => mutant.to)
  if (!isProgram(spoilt)) throw new Error(`${where}: spoilt, it is no program`)
  writeFileSync(path, spoilt)
  try {
    const { passed, failed, hung } = await runCase(mutant)
    return { caught: failed > 0 || passed < before.passed, hung } // fewer: it took the runner along
  } finally {
    writeFileSync(path, text)
  }
}

const wanted = new Set(process.argv.slice(2).map(Number))
const all = JSON.parse(readFileSync(here('mutants.json'), 'utf8'))
const mutants = wanted.size === 0 ? all : all.filter(mutant => wanted.has(mutant.case))
const results = []
let refused = 0
copyRepository()
for (const mutant of mutants) {
  try {
    const { caught, hung } = await tryMutant(mutant)
    results.push({ ...mutant, caught })
    const how = hung ? 'caught, hanging' : caught ? 'caught' : 'NOT CAUGHT'
    console.log(`case ${mutant.case}: ${how} (${mutant.package}/${mutant.file})`)
  } catch (error) {
    refused++
    console.error(error.message)
  }
}
console.log(`${results.filter(({ caught }) => caught).length} of ${mutants.length} caught`)
if (refused > 0) process.exitCode = 1
else if (wanted.size === 0) {
  writeFileSync(here('results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
