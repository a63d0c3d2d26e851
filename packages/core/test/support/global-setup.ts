/**
 * After all test files: nothing of this run is in /dev/shm, and its notes in the temporary
 * directory go. Each test says so for itself; this one runs last whatever the order of files.
 */
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function teardown(): void {
  const run = `dsm-core-test-${process.pid}` // RUN in place.ts: this is the parent of the tests
  for (const name of readdirSync(tmpdir()).filter(each => each.startsWith(run))) {
    rmSync(join(tmpdir(), name), { recursive: true })
  }
  const left = readdirSync('/dev/shm').filter(name => name.startsWith(run))
  if (left.length > 0) throw new Error(`left in /dev/shm by this run: ${left.join(', ')}`)
}
