/** createAsync: the name at once, the allocation elsewhere; aborted, it leaves nothing. */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { assertAbort, assertAll, assertFree, bytes, later, PAGE, rejected } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

/** Large enough to take a while, small enough for the 64 MiB of a container. */
const LARGE = 16 * 1_048_576

/** Makes an object and sees to its removal. */
async function make(room: Room, handle: number, size: number) {
  const mapping = await room.space.createAsync(handle, size)
  assert.ok(mapping, `${room.space.osName(handle)} is taken`)
  return room.made(handle, mapping)
}

export function createAsync(suite: Suite): void {
  suite.check('createAsync: gives what create gives', async room => {
    for (const size of [1, 5000, 1_048_579]) {
      const handle = room.handle()
      const mapping = await make(room, handle, size)
      assert.equal(mapping.size, size)
      assert.equal(mapping.buffer.byteLength, size)
      assertAll(mapping, 0)
      bytes(mapping).fill(8)
      const again = room.attach(handle, size)
      assert.equal(again.identity, mapping.identity)
      assertAll(again, 8)
    }
  })

  suite.check('createAsync: the name is taken before it returns', async room => {
    const handle = room.handle()
    const promise = later(make(room, handle, PAGE))
    assert.equal(room.space.create(handle, PAGE), null)
    assert.equal(room.open().create(handle, PAGE), null)
    assert.equal((await promise).size, PAGE)
  })

  suite.check('createAsync: a taken name gives null and changes nothing', async room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    bytes(mapping).fill(4)
    assert.equal(await room.space.createAsync(handle, 2 * PAGE), null)
    assertAll(room.attach(handle), 4)
  })

  suite.check('createAsync: of two at once for one name, the first wins', async room => {
    const handle = room.handle()
    const first = later(make(room, handle, PAGE))
    assert.equal(await room.space.createAsync(handle, PAGE), null)
    assert.equal((await first).size, PAGE)
  })

  suite.check('createAsync: many at once are many objects', async room => {
    const handles = Array.from({ length: 16 }, () => room.handle())
    const made = await Promise.all(handles.map(handle => make(room, handle, 3 * PAGE)))
    assert.equal(new Set(made.map(mapping => mapping.identity)).size, handles.length)
  })

  aborting(suite)
}

function aborting(suite: Suite): void {
  suite.check('createAsync: aborted before, it makes nothing', async room => {
    const handle = room.handle()
    const signal = AbortSignal.abort()
    const promise = later(room.space.createAsync(handle, PAGE, { signal }))
    assertFree(room.space, handle)
    assertAbort(await rejected(promise))
    assertFree(room.space, handle)
  })

  suite.check('createAsync: aborted before, it leaves an existing object alone', async room => {
    const handle = room.handle()
    bytes(room.create(handle)).fill(6)
    const signal = AbortSignal.abort()
    assertAbort(await rejected(room.space.createAsync(handle, PAGE, { signal })))
    assertAll(room.attach(handle), 6)
  })

  for (const size of [PAGE, LARGE]) {
    suite.check(`createAsync: aborted at once, ${size} bytes leave no name`, async room => {
      const handle = room.handle()
      const controller = new AbortController()
      const promise = room.space.createAsync(handle, size, { signal: controller.signal })
      controller.abort(new Error('changed my mind'))
      assertAbort(await rejected(promise))
      assertFree(room.space, handle)
      room.create(handle)
    })
  }

  suite.check('createAsync: aborted at any moment, it is either whole or gone', async room => {
    for (let turns = 0; turns < 8; turns++) {
      const handle = room.handle()
      const controller = new AbortController()
      const { signal } = controller
      const settled = room.space.createAsync(handle, LARGE, { signal }).catch(error => error)
      for (let waited = 0; waited < turns; waited++) await turn()
      controller.abort()
      const outcome = await settled
      if (outcome instanceof Error) {
        assertAbort(outcome)
        assertFree(room.space, handle)
      } else {
        assert.equal(room.attach(handle, LARGE).identity, outcome.identity)
        room.made(handle, outcome).detach()
        room.space.destroy(handle)
      }
    }
  })

  suite.check('createAsync: an abort after the end changes nothing', async room => {
    const handle = room.handle()
    const controller = new AbortController()
    const mapping = await room.space.createAsync(handle, PAGE, { signal: controller.signal })
    room.made(handle, mapping!)
    controller.abort()
    await turn()
    bytes(mapping!)[0] = 12
    assert.equal(bytes(room.attach(handle))[0], 12)
  })
}
