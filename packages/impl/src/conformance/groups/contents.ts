/** Bytes: zero when they are new, all of them there, and the same for everybody. */
import assert from 'node:assert/strict'
import { assertAll, bytes } from '../check.js'
import type { Suite } from '../suite.js'
import { SIZES } from './create.js'

export function contents(suite: Suite): void {
  suite.check('contents: a new object is zero in every byte', room => {
    for (const size of SIZES) assertAll(room.create(room.handle(), size), 0)
  })

  suite.check('contents: zero also under a name whose last object was full', room => {
    const handle = room.handle()
    for (const size of [8192, 8192, 4096, 12_288]) {
      const mapping = room.create(handle, size)
      assertAll(mapping, 0)
      bytes(mapping).fill(0xff)
      mapping.detach()
      assert.equal(room.space.destroy(handle), true)
    }
  })

  for (const size of SIZES) {
    suite.check(`contents: of ${size} bytes the first and the last can be written`, room => {
      const handle = room.handle()
      const mapping = room.create(handle, size)
      bytes(mapping)[0] = 0x11
      bytes(mapping)[size - 1] = 0x22
      const seen = bytes(room.keep(room.open().attach(handle, size)))
      assert.equal(seen[0], size === 1 ? 0x22 : 0x11)
      assert.equal(seen[size - 1], 0x22)
      assert.equal(seen[size], undefined)
    })
  }

  suite.check('contents: every byte keeps what was written to it', room => {
    const handle = room.handle()
    const size = 3 * 65_536 + 7
    const pattern = Uint8Array.from(
      { length: size },
      (_, index) => (index * 31 + (index >> 8)) & 255,
    )
    bytes(room.create(handle, size)).set(pattern)
    assert.equal(Buffer.compare(bytes(room.attach(handle, size)), pattern), 0)
  })

  suite.check('contents: two mappings see each other write, both ways', room => {
    const handle = room.handle()
    const [first, second] = [room.create(handle), room.attach(handle)]
    for (let value = 1; value < 32; value++) {
      bytes(first)[value] = value
      assert.equal(bytes(second)[value], value)
      bytes(second)[value] = 255 - value
      assert.equal(bytes(first)[value], 255 - value)
    }
  })

  suite.check('contents: Atomics work on 32-bit words', room => {
    const handle = room.handle()
    const [first, second] = [room.create(handle), room.attach(handle)]
    assert.equal(Atomics.compareExchange(new Int32Array(first.buffer), 3, 0, -5), 0)
    assert.equal(Atomics.add(new Int32Array(second.buffer), 3, 6), -5)
    assert.equal(Atomics.load(new Int32Array(first.buffer), 3), 1)
  })
}
