/**
 * Things that are not ours under our names, as far as the caller of the suite can plant some:
 * never adopted, never removed, never changed.
 */
import assert from 'node:assert/strict'
import { assertFree, PAGE, throwsCode } from '../check.js'
import type { Suite } from '../suite.js'

export function foreign(suite: Suite): void {
  const kinds = Object.keys(suite.settings.foreign ?? { 'something foreign': null })
  for (const kind of kinds) {
    suite.check(
      `foreign: ${kind} makes create give null`,
      async room => {
        const handle = room.handle()
        const take = room.plant(handle, PAGE, kind)
        assert.equal(room.space.create(handle, PAGE), null)
        assert.equal(await room.space.createAsync(handle, PAGE), null)
        throwsCode('DSM_FOREIGN', () => room.space.attach(handle, PAGE))
        take()
        assertFree(room.space, handle)
      },
      'foreign',
    )

    suite.check(
      `foreign: ${kind} is not attached`,
      room => {
        const handle = room.handle()
        const take = room.plant(handle, PAGE, kind)
        const error = throwsCode('DSM_FOREIGN', () => room.space.attach(handle, PAGE))
        assert.equal(error.segment, room.space.osName(handle))
        take()
        room.create(handle)
      },
      'foreign',
    )

    suite.check(
      `foreign: ${kind} is not removed, with evidence or without`,
      room => {
        const handle = room.handle()
        const evidence = { size: PAGE, recordedAtMs: Date.now(), creatorPid: process.pid }
        room.plant(handle, PAGE, kind)
        assert.equal(room.space.destroy(handle), false)
        assert.equal(room.space.destroy(handle, { ...evidence, identity: 0 }), false)
        assert.equal(room.space.destroy(handle, { ...evidence, identity: 4711 }), false)
        throwsCode('DSM_FOREIGN', () => room.space.attach(handle, PAGE))
      },
      'foreign',
    )
  }
}
