/** What objects are called: the same for everybody, another for each object. */
import assert from 'node:assert/strict'
import type { DsmNamespace } from '../../dsm-impl.js'
import { assertFree } from '../check.js'
import type { Suite } from '../suite.js'

const same = (space: DsmNamespace, handle: number, other: number) =>
  space.sameName ? space.sameName(handle, other) : handle === other

export function names(suite: Suite): void {
  suite.check('names: osName is the same at every call and in every namespace', room => {
    const handle = room.handle()
    const name = room.space.osName(handle)
    assert.equal(typeof name, 'string')
    assert.notEqual(name, '')
    assert.equal(room.space.osName(handle), name)
    assert.equal(room.open().osName(handle), name)
    room.create(handle)
    assert.equal(room.space.osName(handle), name)
  })

  suite.check('names: two handles share an osName if, and only if, they name one object', room => {
    const drawn = Array.from({ length: 32 }, () => room.handle())
    const handles = [...drawn, ...drawn.map(handle => 2 ** 32 - handle)]
    for (const handle of handles) {
      for (const other of handles) {
        const named = room.space.osName(handle) === room.space.osName(other)
        assert.equal(same(room.space, handle, other), named, `${handle} and ${other}`)
      }
    }
  })

  suite.check('names: handles h and 2^32 - h meet only where sameName says so', room => {
    const handle = room.handle()
    const other = 2 ** 32 - handle
    room.claim(other)
    room.create(handle)
    const mapping = room.space.create(other, 4096)
    if (mapping) room.made(other, mapping)
    assert.equal(mapping === null, same(room.space, handle, other))
    if (mapping === null) return
    assert.equal(room.space.destroy(handle), true)
    room.attach(other)
    assertFree(room.space, handle)
  })

  suite.check(
    'names: the lowest, a middle and the highest handle can be used',
    room => {
      for (const handle of [2, 0x8000_0000, 0xffff_fffe]) {
        room.claim(handle)
        room.create(handle)
        room.attach(handle)
        if (suite.impl.supports.enumerate) assert.ok(room.space.enumerate!().includes(handle))
      }
    },
    'ownsNames',
  )
}
