/** The last test: whatever any test leaked is found here. */
import assert from 'node:assert/strict'
import { sweep } from '../room.js'
import type { Suite } from '../suite.js'

export function end(suite: Suite): void {
  suite.bare(
    'end: nothing is left of anything that this suite made',
    async () => {
      try {
        assert.deepEqual([...(await suite.options.remaining!(suite.trace()))], [])
      } finally {
        for (const [scope, handles] of suite.handles) {
          const space = suite.impl.open(scope)
          for (const handle of handles) sweep(space, handle)
          space.close()
        }
      }
    },
    'remaining',
  )
}
