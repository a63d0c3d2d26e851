/** destroy: the name goes at once, mapped or not; mappings go on; an absent name is success. */
import assert from 'node:assert/strict'
import { assertAll, assertFree, bytes, PAGE } from '../check.js'
import type { Suite } from '../suite.js'

export function destroy(suite: Suite): void {
  suite.check('destroy: frees the name of a mapped object; its mappings go on', room => {
    const handle = room.handle()
    const [first, second] = [room.create(handle, 5000), room.attach(handle, 5000)]
    bytes(first).fill(0x66)
    assert.equal(room.space.destroy(handle), true)
    assertFree(room.space, handle)
    assertAll(second, 0x66)
    bytes(second)[4999] = 0x67
    assert.equal(bytes(first)[4999], 0x67)
    first.detach()
    assert.equal(bytes(second)[4999], 0x67)
  })

  suite.check('destroy: removes an object that nobody has mapped', room => {
    const handle = room.handle()
    room.create(handle).detach()
    assert.equal(room.space.destroy(handle), true)
    assertFree(room.space, handle)
  })

  suite.check('destroy: works in a namespace that never saw the object', room => {
    const handle = room.handle()
    room.create(handle).detach()
    assert.equal(room.open().destroy(handle), true)
    assertFree(room.space, handle)
  })

  suite.check('destroy: an absent name is success, however often', room => {
    const handle = room.handle()
    assert.equal(room.space.destroy(handle), true)
    room.create(handle)
    for (let round = 0; round < 3; round++) assert.equal(room.space.destroy(handle), true)
    assertFree(room.space, handle)
  })

  suite.check('destroy: the next object of the name shares nothing with the last', room => {
    const handle = room.handle()
    const old = room.create(handle)
    bytes(old).fill(1)
    room.space.destroy(handle)
    const next = room.create(handle)
    assertAll(next, 0)
    bytes(next).fill(2)
    assertAll(old, 1)
    old.detach()
    assertAll(next, 2)
    assertAll(room.attach(handle), 2)
  })

  suite.check('destroy: takes one object and leaves the others', room => {
    const handles = Array.from({ length: 5 }, () => room.handle())
    for (const handle of handles) bytes(room.create(handle)).fill(handle & 127)
    assert.equal(room.space.destroy(handles[2]!), true)
    for (const [index, handle] of handles.entries()) {
      if (index === 2) assertFree(room.space, handle)
      else assertAll(room.attach(handle, PAGE), handle & 127)
    }
  })
}
