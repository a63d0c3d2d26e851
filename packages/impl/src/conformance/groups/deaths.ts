/** Processes that end, that are killed, and that all want the same name. */
import assert from 'node:assert/strict'
import { assertFree, bytes } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

const SIZE = 5000
const RACERS = 4
const HANDLES = 50
/** Time for all racers to be told; whoever comes late only loses some races. */
const START_DELAY_MS = 50

/** An object made and written by another process. */
async function madeByChild(room: Room, handle: number) {
  const child = await room.child()
  const recordedAtMs = Date.now()
  const identity = (await child.ask({ ask: 'create', handle, size: SIZE }))!
  room.adopt(handle)
  await child.ask({ ask: 'write', handle, at: SIZE - 1, value: 61 })
  const evidence = { identity, size: SIZE, recordedAtMs, creatorPid: child.pid }
  return { child, identity, evidence }
}

export function deaths(suite: Suite): void {
  suite.check(
    'deaths: an object outlives its maker, who ended',
    async room => {
      const handle = room.handle()
      const { child, identity } = await madeByChild(room, handle)
      await child.end()
      const mapping = room.attach(handle, SIZE)
      assert.equal(mapping.identity, identity)
      assert.equal(bytes(mapping)[SIZE - 1], 61)
    },
    'crossProcess',
  )

  suite.check(
    'deaths: an object outlives its maker, who was killed, and so do our mappings',
    async room => {
      const handle = room.handle()
      const { child } = await madeByChild(room, handle)
      const before = room.attach(handle, SIZE)
      await child.kill()
      bytes(before)[0] = 62
      assert.equal(bytes(room.attach(handle, SIZE))[0], 62)
      assert.equal(bytes(before)[SIZE - 1], 61)
      assert.equal(room.space.create(handle, SIZE), null)
    },
    'crossProcess',
  )

  for (const known of [true, false]) {
    const how = known ? 'its recorded identity' : 'size, time and maker alone'
    suite.check(
      `deaths: an object of a killed process is removed by ${how}`,
      async room => {
        const handle = room.handle()
        const { child, evidence } = await madeByChild(room, handle)
        await child.kill()
        const told = known ? evidence : { ...evidence, identity: 0 }
        assert.equal(room.space.destroy(handle, told), true)
        assertFree(room.space, handle)
      },
      'crossProcess',
    )
  }

  suite.check(
    `deaths: of ${RACERS} processes that create one name at once, exactly one does`,
    async room => {
      const handles = Array.from({ length: HANDLES }, () => room.handle())
      const children = await Promise.all(Array.from({ length: RACERS }, () => room.child()))
      const startAtMs = Date.now() + START_DELAY_MS
      const won = await Promise.all(
        children.map(child => child.ask({ ask: 'race', handles, size: SIZE, startAtMs })),
      )
      for (const handle of handles) room.adopt(handle)
      const order = (list: number[]) => list.sort((one, other) => one - other)
      assert.deepEqual(order(won.flat()), order([...handles]))
      for (const handle of handles) room.attach(handle, SIZE)
    },
    'crossProcess',
  )
}
