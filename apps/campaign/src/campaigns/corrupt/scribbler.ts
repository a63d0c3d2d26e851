/**
 * The program that changes a mapped control segment while others read it. It is no member and holds
 * no lock: a process of the same user that stores what it likes. Ends with its parent.
 */
import { mmap } from '@dsm/impl-mmap'
import { posix } from '@dsm/impl-posix'
import { childOptions } from '../../child.js'
import { Random } from '../../random.js'
import { type Geometry, type Original, scribble } from './image.js'
import type { ScribblerOptions } from './protocol.js'

const STORES_PER_TURN = 2000
const MENDED_ONE_IN = 300

const options = childOptions<ScribblerOptions>()
const { backend, dir, nonce, handle, size } = options
const impl = backend === 'posix' ? posix() : mmap()
const namespace = impl.open({ dir, nonce, options: impl.options })
const words = new Int32Array(namespace.attach(handle, size).buffer)
const original: Original = {
  words: words.slice(),
  geometry: options.geometry as Geometry,
  handles: [handle],
}
const random = new Random(options.seed)

function turn(): void {
  for (let left = STORES_PER_TURN; left > 0; left--) {
    scribble(words, original, random)
    if (random.oneIn(MENDED_ONE_IN)) words.set(original.words)
  }
  setImmediate(turn)
}

process.send?.('scribbling')
turn()
