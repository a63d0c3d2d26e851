/**
 * A free-page tree of a few levels in private memory, with something done to it. Where free pages
 * lie, so does the tree: whoever has written into freed memory has written there.
 */
import { FreePageManager, PAGE_SIZE } from '@dsm/freepage'
import type { Random } from '../../random.js'

/** Enough runs for a root and leaves, with free pages in between; most of the time, for a leaf. */
const LARGE = soundTree(600)
const SMALL = soundTree(48)
const LARGE_ONE_IN = 50

interface Tree {
  readonly pages: number
  readonly original: Int32Array
  /** Where the images are. */
  readonly words: Int32Array
  /** Places of words that are not 0: the header, the tree, the lists. */
  readonly fields: readonly number[]
}

function soundTree(pages: number): Tree {
  const buffer = new ArrayBuffer(pages * PAGE_SIZE)
  const manager = FreePageManager.initialize(buffer)
  for (let page = 1; page < pages; page += 2) manager.put(page, 1)
  const original = new Int32Array(buffer)
  const fields = [...original.keys()].filter(at => original[at] !== 0)
  return { pages, original, words: original.slice(), fields }
}

const EDGES = [0, 1, -1, 2, 0x7fff_ffff, -0x8000_0000, 253, 254, 255, 4096]

export interface SpoiltPages {
  readonly buffer: ArrayBuffer
  readonly pages: number
  readonly what: string
}

/** Always in the same memory: to be used before the next one is asked for. */
export function spoiltPages(random: Random): SpoiltPages {
  const { pages, original, words, fields } = random.oneIn(LARGE_ONE_IN) ? LARGE : SMALL
  words.set(original)
  const changed: number[] = []
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.oneIn(8) ? random.below(words.length) : random.pick(fields)!
    const other = words[random.pick(fields)!]!
    const flipped = words[at]! ^ (1 << random.below(32))
    const page = pages + random.below(3) - 1
    words[at] = random.pick([random.pick(EDGES)!, other, flipped, page, page * PAGE_SIZE])!
    changed.push(at)
  }
  const what = `${pages} free pages, words ${changed.join(' ')} changed`
  return { buffer: words.buffer as ArrayBuffer, pages, what }
}
