/**
 * Taking keys and pages out of the tree. A page with few keys joins a neighbour, so that the tree
 * gives pages back as runs grow together. Not here: what becomes of recycled pages (clean-up).
 *
 * Departure from PostgreSQL: when the last key of a root leaf goes, the root page is recycled.
 * PostgreSQL forgets it, and a small region driven to exhaustion loses nearly all its pages.
 */
import { Header, Limit, Shift } from './layout.js'
import { pushRecycled } from './recycle-list.js'
import { deleteKey, fixAncestors, moveKeys } from './tree-keys.js'
import { firstKey, leftSibling, linkTo, parentOf, rightSibling, usedKeys } from './tree-search.js'

/** Removes the key of a run that is no longer free. May recycle pages and join others. */
export function removeKey(w: Int32Array, at: number): void {
  const node = at >>> Shift.wordsPerPage
  if (usedKeys(w, node) === 1) {
    removeNode(w, node)
    return
  }
  deleteKey(w, at)
  if (at === firstKey(node)) fixAncestors(w, node)
  if (w[Header.depth]! > 1) consolidate(w, node)
}

/** Removes a page whose keys are gone or moved, with all pages above that held only it. */
function removeNode(w: Int32Array, emptied: number): void {
  let node = emptied
  let parent = parentOf(w, node)
  while (parent !== 0 && usedKeys(w, parent) === 1) {
    pushRecycled(w, node)
    node = parent
    parent = parentOf(w, node)
  }
  if (parent === 0) {
    w[Header.root] = 0
    w[Header.depth] = 0
    pushRecycled(w, node)
    return
  }
  const link = linkTo(w, parent, node)
  deleteKey(w, link)
  pushRecycled(w, node)
  if (link === firstKey(parent)) fixAncestors(w, parent)
  consolidate(w, parent)
}

/** Joins a page that is less than a third full with a neighbour, if both fit into one page. */
function consolidate(w: Int32Array, node: number): void {
  const used = usedKeys(w, node)
  if (used >= Limit.keysLow) return
  const right = rightSibling(w, node)
  if (right !== 0 && used + usedKeys(w, right) <= Limit.keys) {
    moveKeys(w, right, 0, node)
    removeNode(w, right)
    return
  }
  const left = leftSibling(w, node)
  if (left !== 0 && used + usedKeys(w, left) <= Limit.keys) {
    moveKeys(w, node, 0, left)
    removeNode(w, node)
  }
}
