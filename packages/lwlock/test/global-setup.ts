/** Compiles the tests' own addon, by the same recipe as the package's. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export function setup(): void {
  const native = dirname(createRequire(import.meta.url).resolve('@dsm/native/package.json'))
  const recipe = join(native, 'bin', 'dsm-native-build.mjs')
  const cwd = join(import.meta.dirname, 'addon')
  const run = spawnSync(process.execPath, [recipe, '--quiet'], { cwd, stdio: 'inherit' })
  if (run.status !== 0) throw new Error('could not compile the test addon')
}
