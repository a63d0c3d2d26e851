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

const root = fileURLToPath(new URL('../../', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

const quote = text => `'${text.replaceAll("'", `'\\''`)}'`
const build = 'pnpm exec turbo run build --output-logs=errors-only'
const steps = {
  start: args => `${build} && pnpm --silent --filter @dsm/demo start ${args}`,
  test: args => `pnpm exec turbo run test --concurrency=1 --output-logs=new-only ${args}`,
  build: args => `pnpm exec turbo run build ${args}`,
  check: () => `${build} && node tooling/bootstrap/check.mjs`,
  bench: args => `${build} && pnpm --silent --filter @dsm/bench start ${args}`,
  campaign: args => `${build} && pnpm --silent --filter @dsm/campaign start ${args}`,
  'test:nodes': args => `${build} && node tooling/bootstrap/test-nodes.mjs ${args}`,
}

const [command, ...rest] = process.argv.slice(2)
if (!Object.hasOwn(steps, command)) {
  console.error(`usage: node tooling/bootstrap/bootstrap.mjs ${Object.keys(steps).join('|')} [arguments]`)
  process.exit(2)
}

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
delete env.npm_config_call // an outer `npx -c` sets these two, and the inner npx then fails
delete env.npm_config_package

const script = `pnpm install --frozen-lockfile --prefer-offline --reporter=silent && ${steps[command](rest.map(quote).join(' '))}`
const counted = command === 'test'
const child = spawn('npx', ['--yes', '-p', packageManager, '-c', script], {
  cwd: root,
  env,
  stdio: ['inherit', counted ? 'pipe' : 'inherit', 'inherit'],
})

/** The runners of a dozen packages report one by one; the last line adds them up. */
const totals = { passed: 0, failed: 0, skipped: 0 }
const countLine = line => {
  const plain = line.replaceAll(/\x1b\[[0-9;]*m/g, '')
  if (!/\bTests\s+\d/.test(plain)) return
  for (const [, count, kind] of plain.matchAll(/(\d+) (passed|failed|skipped)/g)) totals[kind] += Number(count)
}
let partial = ''
child.stdout?.on('data', chunk => {
  process.stdout.write(chunk)
  const lines = (partial + chunk).split('\n')
  partial = lines.pop()
  lines.forEach(countLine)
})

child.on('close', (code, signal) => {
  const status = code ?? 128 + constants.signals[signal]
  if (counted) {
    const failed = totals.failed || (status === 0 ? 0 : 1)
    console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`)
  }
  process.exitCode = status
})
