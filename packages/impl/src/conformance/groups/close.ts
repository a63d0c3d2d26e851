/** close: a namespace ends, its objects and mappings do not. */
import assert from 'node:assert/strict'
import { assertDsmError, bytes, PAGE, rejected, throwsCode } from '../check.js'
import type { Suite } from '../suite.js'

export function close(suite: Suite): void {
  suite.check('close: every operation is DSM_CLOSED afterwards and does nothing', async room => {
    const [taken, free] = [room.handle(), room.handle()]
    room.create(taken)
    const space = room.open()
    space.close()
    throwsCode('DSM_CLOSED', () => space.create(free, PAGE))
    throwsCode('DSM_CLOSED', () => space.create(taken, PAGE))
    throwsCode('DSM_CLOSED', () => space.attach(taken, PAGE))
    throwsCode('DSM_CLOSED', () => space.destroy(taken))
    assertDsmError(await rejected(space.createAsync(free, PAGE)), 'DSM_CLOSED')
    if (space.enumerate) throwsCode('DSM_CLOSED', () => space.enumerate!())
    if (space.pin) throwsCode('DSM_CLOSED', () => space.pin!(taken))
    if (space.unpin) throwsCode('DSM_CLOSED', () => space.unpin!(taken, 1n))
    room.attach(taken)
    room.create(free)
  })

  suite.check('close: mappings stay, and detach as ever', room => {
    const handle = room.handle()
    const space = room.open()
    room.create(handle)
    const [asked, unasked] = [space.attach(handle, PAGE), space.attach(handle, PAGE)]
    const view = bytes(asked)
    space.close()
    assert.equal(view.length, PAGE)
    bytes(asked)[7] = 7
    assert.equal(bytes(unasked)[7], 7)
    assert.equal(room.keep(asked.part(0, 100)).buffer.byteLength, 100)
    asked.detach()
    unasked.detach()
    assert.equal(view.length, 0)
  })

  suite.check('close: objects stay, and other namespaces go on', room => {
    const handle = room.handle()
    const [space, other] = [room.open(), room.open()]
    bytes(room.create(handle))[1] = 1
    space.close()
    assert.equal(bytes(room.keep(other.attach(handle, PAGE)))[1], 1)
    assert.equal(other.destroy(handle), true)
  })

  suite.check('close: is idempotent', room => {
    const space = room.open()
    for (let round = 0; round < 3; round++) space.close()
    throwsCode('DSM_CLOSED', () => space.attach(room.handle(), PAGE))
  })
}
