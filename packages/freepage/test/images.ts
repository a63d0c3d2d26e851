/**
 * Whole memory images after long sequences of calls, as hashes. The expected values came from
 * PostgreSQL's freepage.c (HEAD of 2026), compiled alone and with the root page recycled in the
 * one branch where it forgets it; so equal hashes mean: the same layout and the same policy, to
 * the last bit of every page. They see what the model cannot, such as a tree that is right but
 * shaped differently.
 */
import type { FreePageManager } from '../src/manager.js'

export interface ImageSeries {
  pages: number
  longest: number
  operations: number
  seed: number
  /** Begin with pages 1, 3, 5, … put one by one, instead of all pages as one run. */
  scattered: boolean
  /** Operation, hash of all bytes, runs held, longest run, depth. */
  expected: [number, string, number, number, number][]
}

export const imageSeries: ImageSeries[] = [
  {
    pages: 255,
    longest: 3,
    operations: 100_000,
    seed: 1,
    scattered: false,
    expected: [
      [10_000, '8d2d3a13', 27, 150, 1],
      [50_000, 'c47e6975', 95, 30, 1],
      [100_000, 'ff469dfb', 69, 57, 1],
    ],
  },
  {
    pages: 4_000,
    longest: 200,
    operations: 100_000,
    seed: 3,
    scattered: false,
    expected: [
      [10_000, 'ae3dbc4b', 99, 36, 1],
      [50_000, 'b8866e98', 1, 3_963, 0],
      [100_000, '8a5a6a8c', 91, 64, 1],
    ],
  },
  {
    pages: 12_000,
    longest: 1,
    operations: 100_000,
    seed: 5,
    scattered: true,
    expected: [
      [10_000, 'e7aa326b', 8_484, 19, 2],
      [50_000, 'a4c9fe57', 8_488, 42, 2],
      [100_000, '8228c26c', 3_716, 288, 1],
    ],
  },
  {
    pages: 70_000,
    longest: 1,
    operations: 50_000,
    seed: 11,
    scattered: true,
    expected: [
      [1_000, 'fc47153c', 34_972, 5, 3],
      [5_000, '5fcab70a', 36_220, 7, 3],
      [50_000, '56a7e23b', 35_020, 29, 2],
    ],
  },
]

/** What `expected` should say, computed with the manager. */
export function computeImages(
  Manager: typeof FreePageManager,
  series: ImageSeries,
): ImageSeries['expected'] {
  const { pages, longest, operations, seed } = series
  const buffer = new ArrayBuffer((pages + 1) * 4096)
  const words = new Int32Array(buffer)
  const manager = Manager.initialize(buffer)
  const next = linear(seed)
  const held: [number, number][] = []
  if (series.scattered) {
    for (let page = 1; page <= pages; page += 2) manager.put(page, 1)
    for (let page = 2; page <= pages; page += 2) held.push([page, 1])
  } else {
    manager.put(1, pages)
  }
  const images: ImageSeries['expected'] = []
  let share = 128
  for (let operation = 1; operation <= operations; operation++) {
    if (operation % (operations / 20) === 0) share = (next() % 3) * 64 + 64
    if (next() % 256 >= share && held.length < pages) {
      const npages = 1 + (next() % longest)
      const first = manager.get(npages)
      if (first !== null) held.push([first, npages])
    } else if (held.length > 0) {
      const index = next() % held.length
      manager.put(...held[index]!)
      held[index] = held[held.length - 1]!
      held.pop()
    }
    if (series.expected.some(([at]) => at === operation)) {
      images.push([operation, hash(words), held.length, manager.largest, manager.depth])
    }
  }
  return images
}

function linear(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state >>> 8
  }
}

/** FNV-1a over 32-bit words. */
function hash(words: Int32Array): string {
  let value = 0x811c9dc5
  for (let at = 0; at < words.length; at++) value = Math.imul(value ^ words[at]!, 16777619)
  return (value >>> 0).toString(16).padStart(8, '0')
}
