/**
 * destroy with evidence: what a cleaner does after a death. It must remove the object that the
 * record describes, and must not touch any other that bears the name by now.
 */
import assert from 'node:assert/strict'
import type { DsmEvidence } from '../../dsm-impl.js'
import { assertAll, assertFree, bytes } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

const SIZE = 5000
const MINUTE_MS = 60_000

/**
 * An object whose maker is gone: made in the very millisecond it was recorded, mapped by nobody.
 */
function orphan(room: Room, handle: number): { evidence: DsmEvidence; identity: number } {
  const recordedAtMs = Date.now()
  const mapping = room.create(handle, SIZE)
  bytes(mapping).fill(0x42)
  const { identity } = mapping
  mapping.detach()
  return { evidence: { identity, size: SIZE, recordedAtMs, creatorPid: process.pid }, identity }
}

function assertUntouched(room: Room, handle: number, identity: number): void {
  const mapping = room.attach(handle, SIZE)
  assert.equal(mapping.identity, identity)
  assertAll(mapping, 0x42)
}

export function evidence(suite: Suite): void {
  suite.check('evidence: the recorded identity removes the object', room => {
    const handle = room.handle()
    const { evidence } = orphan(room, handle)
    assert.equal(room.space.destroy(handle, evidence), true)
    assertFree(room.space, handle)
  })

  suite.check('evidence: the recorded identity removes an object that is mapped', room => {
    const handle = room.handle()
    const { evidence } = orphan(room, handle)
    const mapping = room.attach(handle, SIZE)
    assert.equal(room.open().destroy(handle, evidence), true)
    assertFree(room.space, handle)
    assertAll(mapping, 0x42)
  })

  suite.check('evidence: an earlier life of the name is not this one', room => {
    const handle = room.handle()
    const earlier = orphan(room, handle).evidence
    room.space.destroy(handle)
    const { identity } = orphan(room, handle)
    assert.equal(room.space.destroy(handle, earlier), false)
    assertUntouched(room, handle, identity)
  })

  suite.check('evidence: the identity of another object is not this one', room => {
    const [handle, other] = [room.handle(), room.handle()]
    const { identity } = orphan(room, handle)
    assert.equal(room.space.destroy(handle, orphan(room, other).evidence), false)
    assertUntouched(room, handle, identity)
    assert.equal(room.attach(other, SIZE).size, SIZE)
  })

  suite.check('evidence: without identity, the right size, time and maker are enough', room => {
    const handle = room.handle()
    const { evidence } = orphan(room, handle)
    assert.equal(room.space.destroy(handle, { ...evidence, identity: 0 }), true)
    assertFree(room.space, handle)
  })

  for (const size of [SIZE - 1, SIZE + 1, 8192]) {
    suite.check(`evidence: without identity, ${size} bytes instead of ${SIZE} are not it`, room => {
      const handle = room.handle()
      const { evidence, identity } = orphan(room, handle)
      assert.equal(room.space.destroy(handle, { ...evidence, identity: 0, size }), false)
      assertUntouched(room, handle, identity)
    })
  }

  suite.check('evidence: without identity, an object older than the record is not it', room => {
    const handle = room.handle()
    const { evidence, identity } = orphan(room, handle)
    const recordedAtMs = Date.now() + MINUTE_MS
    assert.equal(room.space.destroy(handle, { ...evidence, identity: 0, recordedAtMs }), false)
    assertUntouched(room, handle, identity)
  })

  suite.check('evidence: an absent name is success, whatever it should have been', room => {
    const handle = room.handle()
    const about = { size: SIZE, recordedAtMs: Date.now(), creatorPid: process.pid }
    assert.equal(room.space.destroy(handle, { ...about, identity: 0 }), true)
    assert.equal(room.space.destroy(handle, { ...about, identity: 4711 }), true)
  })
}
