/**
 * A worker that is terminated while the addon works, or is about to throw: the process goes on.
 * From then on Node-API sets and reads no property, and node-addon-api would end the process.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CHILD = join(import.meta.dirname, 'children', 'stopped.mjs')

test.each(['attach', 'destroy', 'createAsync'])(
  'workers terminated in %s, at any instruction, leave their process alone',
  operation => {
    const said = execFileSync(process.execPath, [CHILD, operation], { timeout: 50_000 })
    expect(String(said)).toBe('40 terminated\n')
  },
)
