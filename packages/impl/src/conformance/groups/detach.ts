/** detach: every view of the buffer is empty afterwards, and using one is harmless. */
import assert from 'node:assert/strict'
import { bytes, PAGE, throwsCode } from '../check.js'
import type { Suite } from '../suite.js'

export function detach(suite: Suite): void {
  suite.check('detach: every view of the buffer has length 0', room => {
    const mapping = room.create(room.handle())
    const { buffer } = mapping
    const views = [
      new Uint8Array(buffer),
      new Uint8Array(buffer, 8, 16),
      new Int32Array(buffer),
      new Float64Array(buffer, 64),
      new Uint8Array(buffer).subarray(100, 200),
      Buffer.from(buffer, 10, 10),
    ]
    const data = new DataView(buffer)
    mapping.detach()
    assert.equal(buffer.byteLength, 0)
    for (const view of views) {
      assert.equal(view.length, 0)
      assert.equal(view[0], undefined)
      view[0] = 1
    }
    assert.throws(() => data.getUint8(0), TypeError)
    assert.throws(() => Atomics.load(views[2] as Int32Array, 0), Error)
  })

  suite.check('detach: empties its own buffer while another mapping goes on', room => {
    const handle = room.handle()
    const [first, second] = [room.create(handle), room.attach(handle)]
    const [ours, theirs] = [bytes(first), bytes(second)]
    ours[0] = 1
    first.detach()
    assert.equal(ours.length, 0)
    assert.equal(theirs.length, PAGE)
    assert.equal(bytes(second)[0], 1)
  })

  suite.check('detach: is idempotent', room => {
    const handle = room.handle()
    const [mapping, other] = [room.create(handle), room.attach(handle)]
    bytes(mapping)[0] = 1
    for (let round = 0; round < 3; round++) mapping.detach()
    assert.equal(bytes(other)[0], 1)
  })

  suite.check('detach: buffer is one object for life, and has length 0 afterwards', room => {
    const mapping = room.create(room.handle())
    const { buffer } = mapping
    assert.equal(mapping.buffer, buffer)
    mapping.detach()
    assert.equal(mapping.buffer.byteLength, 0)
  })

  afterDetach(suite)
}

function afterDetach(suite: Suite): void {
  suite.check('detach: a buffer first asked for afterwards is DSM_DETACHED', room => {
    const handle = room.handle()
    const [first, second] = [room.create(handle), room.attach(handle)]
    const piece = first.part(0, 100)
    for (const mapping of [first, second, piece]) {
      mapping.detach()
      for (let round = 0; round < 2; round++) throwsCode('DSM_DETACHED', () => mapping.buffer)
      assert.ok(mapping.size > 0)
    }
  })

  suite.check('detach: a part first asked for afterwards is DSM_DETACHED', room => {
    const [asked, unasked] = [room.create(room.handle()), room.create(room.handle())]
    assert.equal(asked.buffer.byteLength, PAGE)
    for (const mapping of [asked, unasked]) {
      mapping.detach()
      throwsCode('DSM_DETACHED', () => mapping.part(0, 100))
    }
  })

  suite.check('detach: does not throw where the buffer was moved away before', room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    const { buffer } = mapping
    const elsewhere = moved(buffer)
    for (let round = 0; round < 2; round++) mapping.detach()
    assert.equal(buffer.byteLength, 0)
    // Harmless, whatever it holds now.
    assert.equal(new Uint8Array(elsewhere).fill(1).length, elsewhere.byteLength)
    assert.equal(room.attach(handle).size, PAGE)
  })

  suite.check('detach: does not remove the object', room => {
    const handle = room.handle()
    const mapping = room.create(handle)
    bytes(mapping)[PAGE - 1] = 200
    mapping.detach()
    assert.equal(bytes(room.attach(handle))[PAGE - 1], 200)
  })
}

/** The buffer's memory in another buffer; a copy where this Node does not let it go. */
function moved(buffer: ArrayBuffer): ArrayBuffer {
  const movable = buffer as ArrayBuffer & { transfer?: () => ArrayBuffer }
  if (movable.transfer) return movable.transfer()
  return structuredClone(buffer, { transfer: [buffer] })
}
