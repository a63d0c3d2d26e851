/** part: a page-aligned piece of a mapping, with a buffer and a detach of its own. */
import assert from 'node:assert/strict'
import { assertAll, assertMisuse, bytes, PAGE, shown, thrown } from '../check.js'
import type { Suite } from '../suite.js'

const SIZE = 4 * 65_536 + 100

export function part(suite: Suite): void {
  suite.check('part: is exactly the bytes asked for', room => {
    const mapping = room.create(room.handle(), SIZE)
    bytes(mapping).set(Uint8Array.from({ length: SIZE }, (_, index) => (index >> 8) & 255))
    const all = [
      [0, 1],
      [0, SIZE],
      [PAGE, PAGE],
      [65_536, 70_001],
      [4 * 65_536, 100],
    ] as const
    for (const [offset, size] of all) {
      const piece = room.keep(mapping.part(offset, size))
      assert.equal(piece.size, size)
      assert.equal(piece.buffer.byteLength, size)
      const expected = bytes(mapping).subarray(offset, offset + size)
      assert.equal(Buffer.compare(bytes(piece), expected), 0, `${size} bytes at ${offset}`)
    }
  })

  suite.check('part: sees what its parent and other parts write, and they what it writes', room => {
    const handle = room.handle()
    const mapping = room.create(handle, SIZE)
    const ours = room.keep(mapping.part(65_536, PAGE))
    const theirs = room.keep(room.attach(handle, SIZE).part(65_536, 2 * PAGE))
    bytes(mapping)[65_537] = 1
    assert.equal(bytes(ours)[1], 1)
    bytes(ours)[2] = 2
    assert.equal(bytes(mapping)[65_538], 2)
    assert.equal(bytes(theirs)[2], 2)
    bytes(theirs)[3] = 3
    assert.equal(bytes(ours)[3], 3)
    assert.equal(bytes(mapping)[65_539], 3)
  })

  suite.check('part: detaches alone; parent and other parts go on', room => {
    const mapping = room.create(room.handle(), SIZE)
    const [first, second] = [mapping.part(PAGE, PAGE), room.keep(mapping.part(PAGE, PAGE))]
    const [view, other, whole] = [bytes(first), bytes(second), bytes(mapping)]
    view[5] = 5
    first.detach()
    assert.equal(view.length, 0)
    assert.equal(other.length, PAGE)
    assert.equal(whole.length, SIZE)
    assert.equal(bytes(mapping)[PAGE + 5], 5)
    assert.equal(bytes(second)[5], 5)
    bytes(second)[6] = 6
    assert.equal(bytes(mapping)[PAGE + 6], 6)
  })

  livesAndBounds(suite)
}

function livesAndBounds(suite: Suite): void {
  suite.check('part: survives the detach of its parent and the end of the name', room => {
    const handle = room.handle()
    const mapping = room.create(handle, SIZE)
    bytes(mapping).fill(9)
    const asked = room.keep(mapping.part(PAGE, PAGE))
    const unasked = room.keep(mapping.part(65_536, 65_536))
    const view = bytes(asked)
    mapping.detach()
    assert.equal(view.length, PAGE)
    assertAll(asked, 9)
    assert.equal(room.space.destroy(handle), true)
    assertAll(unasked, 9)
    bytes(asked).fill(10)
    assertAll(asked, 10)
  })

  suite.check('part: of a part counts from the beginning of that part', room => {
    const mapping = room.create(room.handle(), SIZE)
    const outer = room.keep(mapping.part(65_536, 65_536))
    const inner = room.keep(outer.part(PAGE, 100))
    bytes(mapping)[65_536 + PAGE] = 7
    assert.equal(bytes(inner)[0], 7)
    outer.detach()
    assert.equal(bytes(inner)[0], 7)
  })

  suite.check('part: refuses unaligned offsets, and what is outside of the parent', room => {
    const mapping = room.create(room.handle(), 2 * PAGE)
    const never = [-1, -PAGE, 1.5, Number.NaN, 2 ** 53, '0', null, undefined]
    const calls: unknown[][] = [
      ...[1, 100, PAGE - 1, PAGE + 1, 2 * PAGE, 3 * PAGE, ...never].map(offset => [offset, 1]),
      ...[0, 2 * PAGE + 1, Number.POSITIVE_INFINITY, ...never].map(size => [0, size]),
      [PAGE, PAGE + 1],
    ]
    for (const [offset, size] of calls) {
      const error = thrown(() => mapping.part(offset as never, size as never))
      assertMisuse(error, `part(${shown(offset)}, ${shown(size)})`)
    }
    assertAll(mapping, 0)
  })
}
