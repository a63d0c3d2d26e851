/** enumerate: every object of the scope, whoever made it and whether anybody has it mapped. */
import assert from 'node:assert/strict'
import type { DsmNamespace } from '../../dsm-impl.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

/** Of the test's own handles, as names that do not carry the nonce are not all ours. */
function listed(room: Room, space: DsmNamespace, handles: readonly number[]): number[] {
  const all = space.enumerate!()
  assert.equal(new Set(all).size, all.length, 'a handle is listed twice')
  const found = room.impl.supports.ownsNames ? all : all.filter(handle => handles.includes(handle))
  return found.sort((one, other) => one - other)
}

const sorted = (handles: readonly number[]) => [...handles].sort((one, other) => one - other)

export function enumerate(suite: Suite): void {
  suite.check(
    'enumerate: lists every object, mapped or not, in every namespace',
    async room => {
      const handles = Array.from({ length: 7 }, () => room.handle())
      assert.deepEqual(listed(room, room.space, handles), [])
      for (const [index, handle] of handles.slice(0, 6).entries()) {
        const mapping = room.create(handle, 100 * (index + 1))
        if (index % 2 === 0) mapping.detach()
      }
      const mapping = await room.space.createAsync(handles[6]!, 4096)
      room.made(handles[6]!, mapping!)
      assert.deepEqual(listed(room, room.space, handles), sorted(handles))
      assert.deepEqual(listed(room, room.open(), handles), sorted(handles))
    },
    'enumerate',
  )

  suite.check(
    'enumerate: a destroyed object is not listed, though it is mapped',
    room => {
      const handles = Array.from({ length: 5 }, () => room.handle())
      for (const handle of handles) room.create(handle)
      for (const handle of handles.slice(0, 3)) room.space.destroy(handle)
      assert.deepEqual(listed(room, room.space, handles), sorted(handles.slice(3)))
    },
    'enumerate',
  )

  suite.check(
    'enumerate: sweeping what it lists leaves an empty scope',
    room => {
      const handles = Array.from({ length: 20 }, () => room.handle())
      for (const handle of handles) room.create(handle).detach()
      const space = room.open()
      for (const handle of listed(room, space, handles)) assert.equal(space.destroy(handle), true)
      assert.deepEqual(listed(room, space, handles), [])
    },
    'enumerate',
  )
}
