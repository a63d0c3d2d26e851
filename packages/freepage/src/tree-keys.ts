/**
 * Moving keys inside and between tree pages, and keeping the pages above in step.
 * Not here: when to do so (tree-insert, tree-remove).
 * High words of keys in use are 0 and stay 0, so shifting moves only the low ones.
 */
import { Header, Key, Limit, Node, pageOf, pointerTo, Shift } from './layout.js'
import { firstKey, isLeaf, linkTo, parentOf, usedKeys } from './tree-search.js'

/** More words than this are moved by the engine: that call costs as much as a loop of 12 keys. */
const MOVE_WORDS = 48

export function setUsed(w: Int32Array, node: number, count: number): void {
  w[(node << Shift.wordsPerPage) | Node.used] = count
}

export function setParent(w: Int32Array, node: number, parent: number): void {
  w[(node << Shift.wordsPerPage) | Node.parent] = parent === 0 ? 0 : pointerTo(parent)
}

/** Writes an empty tree page. */
export function writeNode(w: Int32Array, node: number, magic: number, parent: number): void {
  const at = node << Shift.wordsPerPage
  w[at + Node.magic] = magic
  w[at + Node.used] = 0
  w[at + Node.used + 1] = 0
  w[at + Node.parent] = parent === 0 ? 0 : pointerTo(parent)
  w[at + Node.parent + 1] = 0
}

/** Puts a key at a place of a page that has room; keys from there on move up by one. */
export function insertKey(w: Int32Array, at: number, first: number, value: number): void {
  const node = at >>> Shift.wordsPerPage
  const used = usedKeys(w, node)
  const end = firstKey(node) + used * Key.words
  if (end - at > MOVE_WORDS) w.copyWithin(at + Key.words, at, end)
  else {
    for (let to = end; to > at; to = (to - Key.words) | 0) {
      w[to] = w[(to - Key.words) | 0]!
      w[(to + Key.value) | 0] = w[(to + Key.value - Key.words) | 0]!
    }
  }
  w[end + Key.first + 1] = 0
  w[end + Key.value + 1] = 0
  w[at + Key.first] = first
  w[at + Key.value] = value
  setUsed(w, node, used + 1)
}

/** Takes the key at a place out of a page that has others; keys after it move down by one. */
export function deleteKey(w: Int32Array, at: number): void {
  const node = at >>> Shift.wordsPerPage
  const used = usedKeys(w, node) - 1
  const end = firstKey(node) + used * Key.words
  if (end - at > MOVE_WORDS) w.copyWithin(at, at + Key.words, end + Key.words)
  else {
    for (let to = at; to < end; to = (to + Key.words) | 0) {
      w[to] = w[(to + Key.words) | 0]!
      w[(to + Key.value) | 0] = w[(to + Key.value + Key.words) | 0]!
    }
  }
  setUsed(w, node, used)
}

/** Moves the keys of `from`, beginning at index `index`, behind the keys of `to`. */
export function moveKeys(w: Int32Array, from: number, index: number, to: number): void {
  const count = usedKeys(w, from) - index
  const target = firstKey(to) + usedKeys(w, to) * Key.words
  const source = firstKey(from) + index * Key.words
  w.copyWithin(target, source, source + count * Key.words)
  setUsed(w, from, index)
  setUsed(w, to, usedKeys(w, to) + count)
  if (isLeaf(w, to)) return
  for (let at = target; at < target + count * Key.words; at += Key.words) {
    setParent(w, pageOf(w[at + Key.value]!), to)
  }
}

/** After a page's first key changed: writes it into the pages above, as far as it is theirs. */
export function fixAncestors(w: Int32Array, node: number): void {
  const first = w[firstKey(node)]!
  let child = node
  for (let level = w[Header.depth]!; level > 1; level--) {
    const parent = parentOf(w, child)
    if (parent === 0) return
    const link = linkTo(w, parent, child)
    w[link + Key.first] = first
    if (link !== firstKey(parent)) return
    child = parent
  }
}

/** True if a tree page has no room for one more key. */
export function isFull(w: Int32Array, node: number): boolean {
  return usedKeys(w, node) >= Limit.keys
}
