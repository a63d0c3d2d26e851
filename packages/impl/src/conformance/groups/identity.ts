/** identity: tells an object from every other that ever bore its name. */
import assert from 'node:assert/strict'
import { PAGE } from '../check.js'
import type { Suite } from '../suite.js'

export function identity(suite: Suite): void {
  suite.check('identity: is a positive safe integer', room => {
    for (const mapping of [room.create(room.handle()), room.create(room.handle(), 1)]) {
      assert.ok(
        Number.isSafeInteger(mapping.identity) && mapping.identity > 0,
        `${mapping.identity}`,
      )
    }
  })

  suite.check('identity: is the same in every mapping of an object, and in its parts', room => {
    const handle = room.handle()
    const mapping = room.create(handle, 2 * PAGE)
    const other = room.keep(room.open().attach(handle, 2 * PAGE))
    const part = room.keep(other.part(PAGE, PAGE))
    mapping.detach()
    const later = room.attach(handle, 2 * PAGE)
    for (const { identity } of [other, part, later]) assert.equal(identity, mapping.identity)
  })

  suite.check('identity: is that of the object, not of the name', room => {
    const made = Array.from({ length: 16 }, () => room.create(room.handle()).identity)
    assert.equal(new Set(made).size, made.length)
  })

  suite.check('identity: differs in the next life of a name that is still mapped', room => {
    const handle = room.handle()
    const lives = Array.from({ length: 8 }, () => {
      const mapping = room.create(handle)
      room.space.destroy(handle)
      return mapping.identity
    })
    assert.equal(new Set(lives).size, lives.length, `${lives}`)
  })

  suite.check('identity: differs in the next life of a name whose last object is gone', room => {
    const handle = room.handle()
    const lives = Array.from({ length: 8 }, () => {
      const mapping = room.create(handle)
      mapping.detach()
      room.space.destroy(handle)
      return mapping.identity
    })
    assert.equal(new Set(lives).size, lives.length, `${lives}`)
  })
}
