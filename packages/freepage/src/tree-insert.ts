/**
 * Putting a key into the tree, splitting full pages on the way up. Splits take their pages from
 * the recycle list, which the caller has filled: nothing in here can run out.
 * Not here: merging a run with its neighbours (give-run.ts).
 */
import { Header, Key, Magic, pointerTo, Shift } from './layout.js'
import { popRecycled } from './recycle-list.js'
import { fixAncestors, insertKey, isFull, moveKeys, setParent, writeNode } from './tree-keys.js'
import { firstKey, lowerBound, parentOf, usedKeys } from './tree-search.js'

/**
 * How many new pages one more key in this leaf costs: one for each full page from it upward, and
 * one more if that includes the root.
 */
export function pagesToSplit(w: Int32Array, leaf: number): number {
  let count = 0
  let node = leaf
  for (let level = w[Header.depth]!; level > 0; level--) {
    if (!isFull(w, node)) return count
    count++
    node = parentOf(w, node)
  }
  return count + 1
}

/** Inserts a run where its leaf has room. */
export function insertRun(w: Int32Array, at: number, first: number, npages: number): void {
  const leaf = at >>> Shift.wordsPerPage
  insertKey(w, at, first, npages)
  if (at === firstKey(leaf)) fixAncestors(w, leaf)
}

/** Inserts a run into a full leaf. `pagesToSplit` pages must be on the recycle list. */
export function insertRunSplitting(w: Int32Array, at: number, first: number, npages: number): void {
  let node = at >>> Shift.wordsPerPage
  let key = first
  let value = npages
  let child = 0
  for (;;) {
    const parent = parentOf(w, node)
    const right = splitNode(w, node)
    const into = key < w[firstKey(right)]! ? node : right
    const place = lowerBound(w, into, key)
    insertKey(w, place, key, value)
    if (child !== 0) setParent(w, child, into)
    if (place === firstKey(node)) fixAncestors(w, node)
    if (parent === 0) {
      growRoot(w, node, right)
      return
    }
    key = w[firstKey(right)]!
    value = pointerTo(right)
    child = right
    if (!isFull(w, parent)) {
      insertKey(w, lowerBound(w, parent, key), key, value)
      return
    }
    node = parent
  }
}

/** Moves the upper half of a page's keys (the smaller half of an odd number) to a new page. */
function splitNode(w: Int32Array, node: number): number {
  const right = popRecycled(w)
  writeNode(w, right, w[node << Shift.wordsPerPage]!, parentOf(w, node))
  const used = usedKeys(w, node)
  moveKeys(w, node, used - (used >>> 1), right)
  return right
}

/** A new root over the two halves of the old one. */
function growRoot(w: Int32Array, left: number, right: number): void {
  const root = popRecycled(w)
  writeNode(w, root, Magic.internal, 0)
  insertKey(w, firstKey(root), w[firstKey(left)]!, pointerTo(left))
  insertKey(w, firstKey(root) + Key.words, w[firstKey(right)]!, pointerTo(right))
  setParent(w, left, root)
  setParent(w, right, root)
  w[Header.root] = pointerTo(root)
  w[Header.depth]!++
}
