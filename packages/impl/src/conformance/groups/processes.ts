/** Another process, which knows the scope as JSON and nothing else. */
import assert from 'node:assert/strict'
import { assertFree, bytes, PAGE, put, rejected } from '../check.js'
import type { Child } from '../processes.js'
import type { Suite } from '../suite.js'

const SIZE = 5000

async function refused(child: Child, handle: number, size: number, code: string): Promise<void> {
  const error = await rejected(child.ask({ ask: 'attach', handle, size }))
  assert.equal((error as { code?: string }).code, code, String(error))
}

export function processes(suite: Suite): void {
  suite.check(
    'processes: another process reaches our object by the scope alone, and we see it write',
    async room => {
      const handle = room.handle()
      const mapping = room.create(handle, SIZE)
      put(mapping, SIZE - 1, 21)
      const child = await room.child()
      const { kind, osName } = await child.ask({ ask: 'describe', handle })
      assert.deepEqual([kind, osName], [suite.impl.kind, room.space.osName(handle)])
      assert.equal(await child.ask({ ask: 'attach', handle, size: SIZE }), mapping.identity)
      assert.equal(await child.ask({ ask: 'read', handle, at: SIZE - 1 }), 21)
      await child.ask({ ask: 'write', handle, at: 0, value: 22 })
      assert.equal(bytes(mapping)[0], 22)
      put(mapping, 1, 23)
      assert.equal(await child.ask({ ask: 'read', handle, at: 1 }), 23)
    },
    'crossProcess',
  )

  suite.check(
    'processes: what is taken, absent or of another length here is so there',
    async room => {
      const [taken, absent] = [room.handle(), room.handle()]
      room.create(taken, SIZE)
      const child = await room.child()
      assert.equal(await child.ask({ ask: 'create', handle: taken, size: SIZE }), null)
      await refused(child, taken, SIZE + 1, 'DSM_FOREIGN')
      await refused(child, absent, SIZE, 'DSM_NOT_FOUND')
      assertFree(room.space, absent)
    },
    'crossProcess',
  )

  suite.check(
    'processes: destroy there frees the name here; our mapping goes on',
    async room => {
      const handle = room.handle()
      const mapping = room.create(handle, SIZE)
      put(mapping, 3, 31)
      const child = await room.child()
      assert.equal(await child.ask({ ask: 'destroy', handle }), true)
      assertFree(room.space, handle)
      assert.equal(bytes(mapping)[3], 31)
    },
    'crossProcess',
  )

  whileMapped(suite)
}

function whileMapped(suite: Suite): void {
  suite.check(
    'processes: destroy here while another process has it mapped leaves its mapping alone',
    async room => {
      const handle = room.handle()
      put(room.create(handle), 0, 41)
      const child = await room.child()
      await child.ask({ ask: 'attach', handle, size: PAGE })
      assert.equal(room.space.destroy(handle), true)
      await refused(child, handle, PAGE, 'DSM_NOT_FOUND')
      put(room.create(handle), 0, 42)
      assert.equal(await child.ask({ ask: 'read', handle, at: 0 }), 41)
      await child.ask({ ask: 'write', handle, at: 1, value: 43 })
      assert.equal(await child.ask({ ask: 'read', handle, at: 1 }), 43)
      assert.equal(bytes(room.attach(handle))[1], 0)
    },
    'crossProcess',
  )

  suite.check(
    'processes: detach there does not disturb us here',
    async room => {
      const handle = room.handle()
      const mapping = room.create(handle)
      const child = await room.child()
      await child.ask({ ask: 'attach', handle, size: PAGE })
      await child.ask({ ask: 'write', handle, at: 5, value: 51 })
      await child.ask({ ask: 'detach', handle })
      assert.equal(bytes(mapping)[5], 51)
    },
    'crossProcess',
  )

  suite.check(
    'processes: enumerate lists what others made',
    async room => {
      const [ours, theirs] = [room.handle(), room.handle()]
      room.create(ours)
      const child = await room.child()
      await child.ask({ ask: 'create', handle: theirs, size: SIZE })
      room.adopt(theirs)
      const both = [ours, theirs].sort((one, other) => one - other)
      const among = (all: number[]) => all.filter(one => both.includes(one)).sort((a, b) => a - b)
      assert.deepEqual(among(room.space.enumerate!()), both)
      assert.deepEqual(among(await child.ask({ ask: 'enumerate' })), both)
    },
    'crossProcess',
    'enumerate',
  )
}
