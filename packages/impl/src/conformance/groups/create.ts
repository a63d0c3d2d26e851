/** create: makes, allocates, maps; null if, and only if, the name is taken. */
import assert from 'node:assert/strict'
import { isArrayBuffer } from 'node:util/types'
import { assertAll, assertFree, bytes, PAGE } from '../check.js'
import type { Suite } from '../suite.js'

/** Around pages, around nothing, and larger than any chunk of a loop. */
export const SIZES = [1, 2, 100, 4095, 4096, 4097, 5000, 65_537, 1_048_579]

export function create(suite: Suite): void {
  for (const size of SIZES) {
    suite.check(`create: ${size} bytes asked for are ${size} bytes given`, room => {
      const handle = room.handle()
      const mapping = room.create(handle, size)
      assert.equal(mapping.size, size)
      assert.ok(isArrayBuffer(mapping.buffer), 'buffer is an ArrayBuffer')
      assert.equal(mapping.buffer.byteLength, size)
      assert.equal(room.attach(handle, size).size, size)
    })
  }

  suite.check('create: a new object is there for every namespace of the scope at once', room => {
    const [handle, space] = [room.handle(), room.open()]
    room.create(handle)
    assert.equal(room.keep(space.attach(handle, PAGE)).size, PAGE)
    assert.equal(space.create(handle, PAGE), null)
  })

  suite.check('create: a taken name gives null and changes nothing', room => {
    const handle = room.handle()
    const mapping = room.create(handle, 5000)
    bytes(mapping).fill(0xa5)
    for (const size of [5000, 1, PAGE, 1_048_576])
      assert.equal(room.space.create(handle, size), null)
    assertAll(mapping, 0xa5)
    const again = room.attach(handle, 5000)
    assert.equal(again.identity, mapping.identity)
    assertAll(again, 0xa5)
  })

  suite.check('create: a name is taken though nobody has its object mapped', room => {
    const handle = room.handle()
    bytes(room.create(handle))[9] = 9
    room.attach(handle).detach()
    room.create(room.handle()).detach()
    assert.equal(room.space.create(handle, PAGE), null)
    assert.equal(room.open().create(handle, PAGE), null)
    assert.equal(bytes(room.attach(handle))[9], 9)
  })

  suite.check('create: an object without any mapping stays', room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    bytes(mapping).fill(0x3c)
    mapping.detach()
    assert.equal(room.space.create(handle, PAGE), null)
    assertAll(room.attach(handle), 0x3c)
  })

  suite.check('create: a name is free after destroy, and the next object is made afresh', room => {
    const handle = room.handle()
    room.create(handle, 5000)
    room.space.destroy(handle)
    assertFree(room.space, handle)
    const mapping = room.create(handle, 3000)
    assert.equal(mapping.size, 3000)
    assert.equal(room.attach(handle, 3000).identity, mapping.identity)
  })
}
