/**
 * After a get or a merging put: makes the tree as shallow as it can be and frees the pages it no
 * longer needs (seed: FreePageBtreeCleanup), then settles the cached length of the longest run.
 * Not here: joining tree pages with few keys, which happens as keys are removed (tree-remove).
 */
import { giveRun } from './give-run.js'
import { Header, Key, pageOf, Shift } from './layout.js'
import { popRecycled, pushRecycled } from './recycle-list.js'
import { listRun, longestRun, unlistRun } from './span-lists.js'
import { setParent } from './tree-keys.js'
import { firstKey, isLeaf, usedKeys } from './tree-search.js'

/** Returns the length of the longest run that came of it, 0 if none did. */
export function cleanUp(w: Int32Array): number {
  let longest = 0
  if (w[Header.root] !== 0 && usedKeys(w, pageOf(w[Header.root]!)) <= 2) longest = lowerTree(w)
  return w[Header.recycledCount] === 0 ? longest : freeRecycled(w, longest)
}

/** Stores the longest run: at least `longest`, counted afresh if the longest was taken. */
export function settleLargest(w: Int32Array, longest: number): void {
  if (w[Header.largest]! < longest) w[Header.largest] = longest
  if (w[Header.dirty] === 0) return
  w[Header.largest] = longestRun(w)
  w[Header.dirty] = 0
}

/** While the root has one key it is not needed. */
function lowerTree(w: Int32Array): number {
  for (let level = w[Header.depth]!; level > 0; level--) {
    const root = pageOf(w[Header.root]!)
    const used = usedKeys(w, root)
    const leaf = isLeaf(w, root)
    if (used === 2 && leaf) return closeRootGap(w, root)
    if (used !== 1) return 0
    const key = firstKey(root)
    w[Header.depth] = level - 1
    if (leaf) {
      w[Header.root] = 0
      w[Header.singletonFirst] = w[key + Key.first]!
      w[Header.singletonPages] = w[key + Key.value]!
    } else {
      w[Header.root] = w[key + Key.value]!
      setParent(w, pageOf(w[key + Key.value]!), 0)
    }
    pushRecycled(w, root)
  }
  return 0
}

/** Two runs with nothing but the root page between them become one, without a tree. */
function closeRootGap(w: Int32Array, root: number): number {
  const low = firstKey(root)
  const high = low + Key.words
  const first = w[low + Key.first]!
  const end = first + w[low + Key.value]!
  if (end !== root || w[high + Key.first] !== root + 1) return 0
  const total = w[low + Key.value]! + 1 + w[high + Key.value]!
  unlistRun(w, first)
  unlistRun(w, root + 1)
  w[Header.root] = 0
  w[Header.depth] = 0
  w[Header.singletonFirst] = first
  w[Header.singletonPages] = total
  listRun(w, first, total)
  return total
}

/** Frees recycled pages until one would need a tree page to be remembered. */
function freeRecycled(w: Int32Array, found: number): number {
  let longest = found
  for (let left = w.length >>> Shift.wordsPerPage; left > 0; left--) {
    const page = popRecycled(w)
    if (page === 0) break
    const run = giveRun(w, page, 1, true)
    if (run === 0) {
      pushRecycled(w, page)
      break
    }
    if (run > longest) longest = run
  }
  return longest
}
