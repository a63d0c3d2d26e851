/**
 * One entry for every root command, on a machine with only Node, npm and a C++ compiler.
 * It fetches the pinned pnpm through npx (no global install), installs from the lockfile and runs
 * the steps inside that shell, because turbo calls `pnpm` from PATH.
 * It is not a build system: what depends on what stands in turbo.json.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { census, leftSince, processesOf } from './leftovers.mjs'
import { Totals } from './totals.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

const install = 'pnpm install --frozen-lockfile --prefer-offline --reporter=silent'
const build = 'pnpm exec turbo run build --output-logs=errors-only'
const test = 'pnpm exec turbo run test --concurrency=1 --continue --output-logs=new-only'
const steps = {
  start: args => `${build} && pnpm --silent --filter @dsm/demo start ${args}`,
  test: args => `${test} ${args}`,
  build: args => `pnpm exec turbo run build ${args}`,
  check: () => 'node tooling/bootstrap/check.mjs',
  bench: args => `${build} && pnpm --silent --filter @dsm/bench start ${args}`,
  campaign: args => `${build} && pnpm --silent --filter @dsm/campaign start ${args}`,
  'docs:api': () => 'pnpm --silent --filter @dsm/docs api',
  addons: () => `${build} && pnpm -r --if-present run prepack`,
  release: () => `${build} && pnpm exec changeset publish`,
  'test:install': () => `${build} && pnpm --silent --filter @dsm/pack test:install`,
  'test:nodes': args => `${build} && node tooling/bootstrap/test-nodes.mjs ${args}`,
}

const [command, ...rest] = process.argv.slice(2)
if (!Object.hasOwn(steps, command)) {
  const commands = Object.keys(steps).join('|')
  console.error(`usage: node tooling/bootstrap/bootstrap.mjs ${commands} [arguments]`)
  process.exit(2)
}

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
delete env.npm_config_call // an outer `npx -c` sets these two, and the inner npx then fails
delete env.npm_config_package

const quote = text => `'${text.replaceAll("'", `'\\''`)}'`
const script = `${install} && ${steps[command](rest.map(quote).join(' '))}`
const counted = command === 'test'
const before = counted ? census() : null
const child = spawn('npx', ['--yes', '-p', packageManager, '-c', script], {
  cwd: root,
  env,
  stdio: ['inherit', counted ? 'pipe' : 'inherit', 'inherit'],
  detached: counted, // a session of its own, so that processes left behind can be told
})

const totals = new Totals()
child.stdout?.on('data', chunk => {
  process.stdout.write(chunk)
  totals.add(chunk)
})
if (counted) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => process.kill(-child.pid, signal))
  }
}
child.on('error', error => {
  console.error(`could not start npx (it comes with npm): ${error.message}`)
  process.exitCode = 1
})
child.on('close', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal]
  if (counted) closeTests()
})

/**
 * What is left on the machine fails the run; so does, with DSM_TEST_ALL=1, a test that was not run
 * for want of something. The very last line adds all runners up.
 */
function closeTests() {
  const left = [...processesOf(child.pid), ...leftSince(before)]
  for (const entry of left) console.log(`left behind: ${entry}`)
  for (const entry of totals.notRun) console.log(entry)
  const wanting = process.env.DSM_TEST_ALL === '1' ? totals.notRun.length : 0
  if (left.length + wanting > 0) process.exitCode ||= 1
  const failed = totals.failed + left.length + wanting || (process.exitCode === 0 ? 0 : 1)
  console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`)
}
