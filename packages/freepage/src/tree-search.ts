/**
 * Finding things in the tree of free runs: a key, a child, a neighbour. Changes nothing.
 * A place in the tree is one number, the word where a key begins: page number and index of the
 * key follow from it, so a search returns its whole result without making an object.
 * The searches do not branch on what they read: a wrong guess of the processor costs more than
 * the arithmetic. `| 0` tells the compiler that sums of word numbers fit: no check for overflow;
 * so does `|` for a word of a page, whose first word has ten zero bits.
 */
import { Header, Key, Limit, Magic, Node, pageOf, Shift } from './layout.js'

/** Word of a tree page's first key. */
export function firstKey(node: number): number {
  return (node << Shift.wordsPerPage) | Node.keys
}

/** Keys in use in a tree page. */
export function usedKeys(w: Int32Array, node: number): number {
  return w[(node << Shift.wordsPerPage) | Node.used]!
}

/** The tree page above, or 0 for the root. */
export function parentOf(w: Int32Array, node: number): number {
  return pageOf(w[(node << Shift.wordsPerPage) | Node.parent]!)
}

export function isLeaf(w: Int32Array, node: number): boolean {
  return w[node << Shift.wordsPerPage] === Magic.leaf
}

/**
 * Where in one tree page the first key not below `page` is; one past the last if none. Four parts
 * at a time: the three comparisons wait for no other, so the depth of the search is halved.
 * Short, because it is part of every get and put only while the compiler finds it short enough.
 */
export function lowerBound(w: Int32Array, node: number, page: number): number {
  let at = firstKey(node)
  let count = usedKeys(w, node)
  while (count > 2) {
    const quarter = (count + 1) >>> 2
    const words = quarter << Shift.wordsPerKey
    const one = (at + words - Key.words) | 0
    const two = (one + words) | 0
    const low = ((w[one]! - page) >> 31) & words
    const middle = ((w[two]! - page) >> 31) & words
    const high = ((w[(two + words) | 0]! - page) >> 31) & words
    at = (at + low + middle + high) | 0
    count = (count - quarter * 3) | 0
  }
  for (; count > 0; count = (count - 1) | 0) {
    at = (at + (((w[at]! - page) >> 31) & Key.words)) | 0
  }
  return at
}

/** The leaf position of the first key not below `page` in the leaf where it belongs. */
export function findKey(w: Int32Array, page: number): number {
  const leaf = w[Header.depth]! > 1 ? leafFor(w, page) : pageOf(w[Header.root]!)
  return lowerBound(w, leaf, page)
}

/** The leaf where `page` belongs. */
function leafFor(w: Int32Array, page: number): number {
  let node = pageOf(w[Header.root]!)
  for (let level = w[Header.depth]!; level > 1; level--) {
    const after = lowerBound(w, node, page + 1)
    const at = after === firstKey(node) ? after : after - Key.words
    node = pageOf(w[at + Key.value]!)
  }
  return node
}

/** Where the parent refers to this page. Its key there may be out of date. */
export function linkTo(w: Int32Array, parent: number, node: number): number {
  const at = lowerBound(w, parent, w[firstKey(node)]!)
  const end = firstKey(parent) + usedKeys(w, parent) * Key.words // beyond it: old bytes
  return at < end && pageOf(w[at + Key.value]!) === node ? at : at - Key.words
}

/** The next tree page to the right on the same level, or 0. */
export function rightSibling(w: Int32Array, node: number): number {
  let levels = 0
  for (let at = node; levels < Limit.depth; levels++) {
    const parent = parentOf(w, at)
    if (parent === 0) return 0
    const link = linkTo(w, parent, at)
    if (link < firstKey(parent) + (usedKeys(w, parent) - 1) * Key.words) {
      at = pageOf(w[link + Key.words + Key.value]!)
      for (; levels > 0; levels--) at = pageOf(w[firstKey(at) + Key.value]!)
      return at
    }
    at = parent
  }
  return 0
}

/** The next tree page to the left on the same level, or 0. */
export function leftSibling(w: Int32Array, node: number): number {
  let levels = 0
  for (let at = node; levels < Limit.depth; levels++) {
    const parent = parentOf(w, at)
    if (parent === 0) return 0
    const link = linkTo(w, parent, at)
    if (link > firstKey(parent)) {
      at = pageOf(w[link - Key.words + Key.value]!)
      for (; levels > 0; levels--) {
        at = pageOf(w[firstKey(at) + (usedKeys(w, at) - 1) * Key.words + Key.value]!)
      }
      return at
    }
    at = parent
  }
  return 0
}
