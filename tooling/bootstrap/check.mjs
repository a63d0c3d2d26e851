/**
 * `npm run check`: everything that can be said about the source without running it. One line for
 * each step; what a step printed is shown only if it failed. It runs inside the shell that
 * bootstrap.mjs makes, and builds first, because types and publint look at `dist`.
 * It changes nothing: `npm run format` does.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const LOGS = '--output-logs=errors-only'
/**
 * Resolution as in Node 10 is not promised (subpaths are exports). An entry for tests is an ES
 * module only, which every Node that we support can also require().
 */
const ATTW = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji']
let failures = 0

/** @returns {'ok' | 'failed' | 'missing'} */
function run(command, args, cwd = root) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (error?.code === 'ENOENT') return { outcome: 'missing', output: '' }
  const output = error === undefined ? `${stdout}${stderr}` : error.message
  return { outcome: status === 0 ? 'ok' : 'failed', output: output.trimEnd() }
}

function report(step, { outcome, output }, optional = false) {
  const missing = outcome === 'missing'
  const words = missing
    ? optional
      ? 'not run: not installed here'
      : 'failed: not installed'
    : outcome
  console.log(`${step.padEnd(34)} ${words}`)
  if (outcome === 'ok' || (missing && optional)) return
  failures++
  if (output !== '') console.log(output.replaceAll(/^/gm, '  '))
}

function publishedPackages() {
  return readdirSync(`${root}packages`).filter(name => {
    const manifest = JSON.parse(readFileSync(`${root}packages/${name}/package.json`, 'utf8'))
    return manifest.private !== true
  })
}

/** Tarballs as they would be published, and what two judges of packages say of each. */
function checkPackages() {
  const place = mkdtempSync(join(tmpdir(), 'dsm-check-'))
  const names = publishedPackages()
  const filters = names.flatMap(name => ['--filter', `./packages/${name}`])
  report(
    'tarballs (pnpm pack)',
    run('pnpm', ['-r', ...filters, 'pack', '--pack-destination', place]),
  )
  for (const tarball of readdirSync(place)) {
    const name = `package @dsm/${/^dsm-(.*)-\d/.exec(tarball)[1]}`
    const file = join(place, tarball)
    report(`${name} (publint)`, run('pnpm', ['exec', 'publint', 'run', '--strict', file]))
    report(`${name} (attw)`, run('pnpm', ['exec', 'attw', ...ATTW, file]))
  }
  rmSync(place, { recursive: true })
}

function nativeSources() {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '*.cc', '*.hpp'], {
    cwd: root,
    encoding: 'utf8',
  })
  return stdout.split('\n').filter(Boolean)
}

const turbo = task => run('pnpm', ['exec', 'turbo', 'run', task, '--continue', LOGS])
report('build (tsup, c++)', turbo('build'))
report('types (tsc)', turbo('typecheck'))
report('lint and format (biome)', run('pnpm', ['exec', 'biome', 'check', '.']))
checkPackages()
report('unused code (knip)', run('pnpm', ['exec', 'knip']))
const clang = run('clang-format', ['--dry-run', '--Werror', ...nativeSources()])
report('C++ format (clang-format)', clang, true)

console.log(failures === 0 ? 'all ok' : `${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1
