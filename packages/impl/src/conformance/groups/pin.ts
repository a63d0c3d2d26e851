/** An object outlives its last mapping: by nature, or because it is pinned. */
import assert from 'node:assert/strict'
import { assertFree, bytes, PAGE } from '../check.js'
import type { Suite } from '../suite.js'

export function pin(suite: Suite): void {
  suite.check('pin: an object that is pinned, where it must be, outlives all mappings', room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    bytes(mapping)[0] = 77
    mapping.detach()
    for (let round = 0; round < 3; round++) {
      const again = room.attach(handle)
      assert.equal(bytes(again)[0], 77)
      again.detach()
    }
  })

  suite.check('pin: two pins are two tokens, and the last unpin counts', room => {
    const { space } = room
    if (!space.pin) return assert.equal(space.unpin, undefined)
    const handle = room.handle()
    const mapping = room.create(handle)
    const token = space.pin(handle)
    assert.equal(typeof token, 'bigint')
    mapping.detach()
    space.unpin!(handle, token)
    room.attach(handle).detach()
    assert.equal(space.create(handle, PAGE), null)
  })

  suite.check('pin: a pinned object is destroyed as any other', room => {
    const handle = room.handle()
    room.create(handle).detach()
    assert.equal(room.space.destroy(handle), true)
    assertFree(room.space, handle)
    room.create(handle)
  })
}
