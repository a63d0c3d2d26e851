/**
 * attach: maps a whole existing object that is ours. Each check runs on a name with three
 * histories: made just now, attached and detached before, and destroyed once before.
 */
import assert from 'node:assert/strict'
import type { DsmMapping } from '../../dsm-impl.js'
import { assertAll, assertFree, bytes, PAGE, throwsCode } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

type History = (room: Room, handle: number, size: number) => DsmMapping

const HISTORIES: Readonly<Record<string, History>> = {
  'a fresh': (room, handle, size) => room.create(handle, size),
  'a re-attached': (room, handle, size) => {
    room.create(handle, size).detach()
    room.attach(handle, size).detach()
    return room.attach(handle, size)
  },
  'a once destroyed': (room, handle, size) => {
    bytes(room.create(handle, size + PAGE)).fill(0xee)
    room.space.destroy(handle)
    return room.create(handle, size)
  },
}

export function attach(suite: Suite): void {
  for (const [history, make] of Object.entries(HISTORIES)) {
    suite.check(`attach: ${history} object is mapped whole, with its bytes`, room => {
      const handle = room.handle()
      bytes(make(room, handle, 5000)).fill(0x5a)
      const mapping = room.attach(handle, 5000)
      assert.equal(mapping.size, 5000)
      assert.equal(mapping.buffer.byteLength, 5000)
      assertAll(mapping, 0x5a)
    })

    suite.check(`attach: another length than ${history} object has is DSM_FOREIGN`, room => {
      const handle = room.handle()
      const mapping = make(room, handle, 5000)
      bytes(mapping).fill(0x77)
      for (const size of [1, 4096, 4999, 5001, 8192, 10_000]) {
        const error = throwsCode('DSM_FOREIGN', () => room.space.attach(handle, size))
        assert.equal(error.segment, room.space.osName(handle))
        assert.ok(error.message.includes(`"${error.segment}"`), error.message)
      }
      assertAll(room.attach(handle, 5000), 0x77)
    })

    suite.check(`attach: two mappings of ${history} object detach one without the other`, room => {
      const handle = room.handle()
      const first = make(room, handle, PAGE)
      const second = room.attach(handle)
      bytes(first)[1] = 1
      first.detach()
      assert.equal(bytes(second)[1], 1)
      bytes(second)[2] = 2
      assert.equal(bytes(room.attach(handle))[2], 2)
    })
  }

  suite.check('attach: a name never used is DSM_NOT_FOUND, and stays free', room => {
    const handle = room.handle()
    for (let round = 0; round < 3; round++) {
      const error = throwsCode('DSM_NOT_FOUND', () => room.space.attach(handle, PAGE))
      assert.equal(error.segment, room.space.osName(handle))
      assert.ok(error.message.includes(`"${error.segment}"`), error.message)
    }
    room.create(handle)
  })

  suite.check('attach: a destroyed name is DSM_NOT_FOUND, and stays free', room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    room.space.destroy(handle)
    assertFree(room.space, handle)
    assertFree(room.open(), handle)
    mapping.detach()
    assertFree(room.space, handle)
    assert.ok(room.create(handle))
  })
}
