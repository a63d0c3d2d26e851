/**
 * A system that says no. What a mechanism lacks differs (System V needs no descriptor and no file),
 * so each operation may work; what it may not do is fail in silence, call a failure a taken name,
 * or leave half an object behind.
 */
import assert from 'node:assert/strict'
import { assertFree, bytes } from '../check.js'
import type { Child } from '../processes.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

/** Beyond the file size that the child may write. */
const SIZE = 1_048_576

/** A create of a free name either works, or throws a DsmError and leaves the name free. */
async function createWithout(room: Room, child: Child): Promise<void> {
  const handle = room.handle()
  const made = await child.ask({ ask: 'create', handle, size: SIZE }).catch((error: Error) => error)
  if (made instanceof Error) {
    assertSaid(made)
    await child.ask({ ask: 'recover' })
    assertFree(room.space, handle)
    return
  }
  assert.notEqual(made, null, 'the name is free, so null is a lie')
  room.adopt(handle)
  assert.equal(room.attach(handle, SIZE).identity, made)
}

function assertSaid(error: Error): void {
  const { code, name } = error as { code?: string; name: string }
  assert.equal(name, 'DsmError', error.message)
  assert.match(code ?? '', /^DSM_(NO_SPACE|NO_MEMORY|IO)$/, error.message)
}

export function shortages(suite: Suite): void {
  suite.check(
    'shortages: create without a free descriptor works, or throws and leaves nothing',
    async room => {
      const child = await room.child('descriptors')
      await child.ask({ ask: 'exhaust' })
      await createWithout(room, child)
    },
    'crossProcess',
  )

  suite.check(
    'shortages: create beyond the file size limit works, or throws and leaves nothing',
    async room => createWithout(room, await room.child('file size')),
    'crossProcess',
  )

  suite.check(
    'shortages: attach without a free descriptor works, or throws and leaves the object',
    async room => {
      const handle = room.handle()
      const mapping = room.create(handle, SIZE)
      bytes(mapping)[0] = 71
      const child = await room.child('descriptors')
      await child.ask({ ask: 'exhaust' })
      const question = { ask: 'attach', handle, size: SIZE } as const
      const attached = await child.ask(question).catch((error: Error) => error)
      if (attached instanceof Error) assertSaid(attached)
      await child.ask({ ask: 'recover' })
      assert.equal(await child.ask(question), mapping.identity)
      assert.equal(bytes(room.attach(handle, SIZE))[0], 71)
    },
    'crossProcess',
  )
}
