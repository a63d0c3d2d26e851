/** Two lives, or two groups, never meet: the same handle in two scopes names two objects. */
import assert from 'node:assert/strict'
import { assertFree, bytes, PAGE } from '../check.js'
import { Room } from '../room.js'
import type { Suite } from '../suite.js'

export function scopes(suite: Suite): void {
  /** A check with two rooms. */
  const apart = (name: string, body: (room: Room, other: Room, handle: number) => void) =>
    suite.check(
      name,
      async room => {
        const other = new Room(suite)
        const handle = room.handle()
        other.claim(handle)
        let passed = false
        try {
          body(room, other, handle)
          passed = true
        } finally {
          await other.leave(passed)
        }
      },
      'ownsNames',
    )

  apart('scopes: one handle in two scopes names two objects', (room, other, handle) => {
    const ours = room.create(handle)
    const theirs = other.create(handle)
    assert.notEqual(room.space.osName(handle), other.space.osName(handle))
    bytes(ours)[0] = 1
    bytes(theirs)[0] = 2
    assert.equal(bytes(room.attach(handle))[0], 1)
    assert.equal(bytes(other.attach(handle))[0], 2)
    assert.notEqual(ours.identity, theirs.identity)
  })

  apart('scopes: an object is not found in another scope', (room, other, handle) => {
    room.create(handle)
    assertFree(other.space, handle)
    if (suite.impl.supports.enumerate) assert.deepEqual(other.space.enumerate!(), [])
  })

  apart('scopes: destroy in one scope leaves the other alone', (room, other, handle) => {
    bytes(room.create(handle))[PAGE - 1] = 3
    other.create(handle)
    assert.equal(other.space.destroy(handle), true)
    assert.equal(bytes(room.attach(handle))[PAGE - 1], 3)
    assertFree(other.space, handle)
  })
}
