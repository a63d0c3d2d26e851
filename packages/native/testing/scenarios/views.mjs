/**
 * Views in loops that the compiler has optimised, when the mapping goes in mid-loop.
 */
import assert from 'node:assert/strict'
import { parameter, withObject } from './tools.mjs'

const VIEWS = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
]

/** A function of its own for each view, so that each is optimised for one kind of elements. */
const loopOver = View => {
  const one = View === BigInt64Array || View === BigUint64Array ? 1n : 1
  const body = `return (view, end, tick) => {
    let seen = 0
    for (let i = 0; i < end; i += 1) {
      if (tick !== undefined) tick(i)
      view[i & 255] = one
      if (view[i & 255] === one) seen += 1
    }
    return seen
  }`
  return new Function('one', body)(one)
}

const LOOPS = {
  DataView: buffer => {
    const view = new DataView(buffer)
    return i => {
      view.setFloat64((i & 255) * 8, i)
      return view.getUint32((i & 255) * 8, true)
    }
  },
  Buffer: buffer => {
    const bytes = Buffer.from(buffer)
    return i => {
      bytes.writeUInt32LE(i & 0xffff, (i & 255) * 4)
      return bytes.readInt16BE((i & 255) * 4)
    }
  },
  Atomics: buffer => {
    const words = new Int32Array(buffer)
    return i => {
      Atomics.add(words, i & 255, 1)
      Atomics.compareExchange(words, i & 255, 7, 8)
      Atomics.exchange(words, i & 255, 5)
      Atomics.store(words, i & 255, 3)
      return Atomics.load(words, i & 255)
    }
  },
}

/** A view of each kind, made hot, then detached in mid-loop. */
function detachInTypedLoops(namespace, handle, rounds) {
  for (const View of VIEWS) {
    const loop = loopOver(View)
    const mapping = namespace.attach(handle, 4096)
    const view = new View(mapping.buffer)
    for (let i = 0; i < 20; i += 1) assert.equal(loop(view, rounds), rounds)
    const half = rounds >> 1
    const seen = loop(view, rounds, i => i === half && mapping.detach())
    assert.equal(seen, half, `${View.name}: a store after detach is dropped`)
    assert.equal(loop(view, rounds), 0, `${View.name}: nothing is read after detach`)
    assert.equal(view.length, 0)
    assert.throws(() => view.fill(view[0]), TypeError)
  }
}

/** What views do in loops that the compiler has optimised, when the mapping goes in mid-loop. */
export async function hotLoops() {
  const rounds = Number(parameter ?? 20_000)
  await withObject(4096, (_, namespace, handle) => {
    detachInTypedLoops(namespace, handle, rounds)
    for (const [name, make] of Object.entries(LOOPS)) {
      const mapping = namespace.attach(handle, 4096)
      const step = make(mapping.buffer)
      for (let i = 0; i < rounds * 5; i += 1) step(i)
      const hot = () => {
        for (let i = 0; i < rounds; i += 1) {
          if (i === rounds >> 1) mapping.detach()
          step(i)
        }
      }
      assert.throws(hot, `${name} throws after detach`)
      assert.throws(() => step(1))
    }
  })
}
