/**
 * Checks that cost little: of a header before it is used, and of a put before it changes anything
 * (checked mode). The whole truth is in check.ts.
 */
import { FreePageError } from './free-page-error.js'
import { Header, Key, Limit, Magic, Node, pageOf, pointerTo, SELF, Shift, Span } from './layout.js'
import { findKey, firstKey, isLeaf, rightSibling, usedKeys } from './tree-search.js'

/** @throws FreePageError unless the header, and the pages it points to, look like ours. */
export function assertReadable(w: Int32Array): void {
  if (w[Header.self] !== SELF || w[Header.self + 1] !== 0) throw damaged('self is not the base')
  const depth = w[Header.depth]!
  if (depth < 0 || depth > Limit.depth) throw damaged(`depth is ${depth}`)
  if ((depth === 0) !== (w[Header.root] === 0)) throw damaged('depth and root disagree')
  const root = depth === 1 ? Magic.leaf : Magic.internal
  assertPointer(w, Header.root, root, 'root')
  assertPointer(w, Header.recycled, Magic.span, 'recycle list')
  if ((w[Header.recycledCount] === 0) !== (w[Header.recycled] === 0)) {
    throw damaged('recycle list and its count disagree')
  }
  if (depth !== 0) {
    const used = usedKeys(w, pageOf(w[Header.root]!))
    if (used < 1 || used > Limit.keys) throw damaged(`the root has ${used} keys`)
  }
  assertCount(w, Header.singletonFirst, 'first page of the single run')
  assertCount(w, Header.singletonPages, 'length of the single run')
  assertCount(w, Header.largest, 'longest run')
  for (let list = 0; list < Limit.lists; list++) {
    assertPointer(w, Header.lists + 2 * list, Magic.span, `list ${list}`)
  }
}

function assertPointer(w: Int32Array, at: number, magic: number, what: string): void {
  const value = w[at]!
  if (value === 0 && w[at + 1] === 0) return
  const page = pageOf(value)
  const valid = page > 0 && value === pointerTo(page) && w[at + 1] === 0
  if (!valid || w[page << Shift.wordsPerPage] !== magic) {
    throw damaged(`${what} does not lead to a page of its kind`)
  }
}

function assertCount(w: Int32Array, at: number, what: string): void {
  const value = w[at]!
  const limit = w.length >>> Shift.wordsPerPage
  if (w[at + 1] !== 0 || value < 0 || value > limit) throw damaged(`${what} is ${value}`)
}

function damaged(what: string): FreePageError {
  return new FreePageError(`not the header of free pages: ${what}`)
}

/**
 * @throws FreePageError if a page of the run is free, or holds a tree page or a recycled one:
 *   then it is not the caller's to give.
 */
export function assertPutAllowed(w: Int32Array, first: number, npages: number): void {
  const end = first + npages
  if (w[Header.depth] === 0) {
    const start = w[Header.singletonFirst]!
    const free = w[Header.singletonPages]!
    if (free !== 0 && start < end && start + free > first) throw alreadyFree(first, npages, start)
  } else {
    assertNotFree(w, first, npages)
    assertNotTree(w, pageOf(w[Header.root]!), w[Header.depth]!, first, end)
  }
  let left = w[Header.recycledCount]!
  for (let page = pageOf(w[Header.recycled]!); page !== 0 && left > 0; left--) {
    if (page >= first && page < end) throw ours(first, npages, page)
    page = pageOf(w[(page << Shift.wordsPerPage) + Span.next]!)
  }
}

function assertNotFree(w: Int32Array, first: number, npages: number): void {
  const at = findKey(w, first)
  const leaf = at >>> Shift.wordsPerPage
  if (at > firstKey(leaf)) {
    const prev = at - Key.words
    const prevFirst = w[prev + Key.first]!
    if (prevFirst + w[prev + Key.value]! > first) throw alreadyFree(first, npages, prevFirst)
  }
  const inLeaf = at < firstKey(leaf) + usedKeys(w, leaf) * Key.words
  const right = inLeaf ? leaf : rightSibling(w, leaf)
  if (right === 0) return
  const next = w[(inLeaf ? at : firstKey(right)) + Key.first]!
  if (next < first + npages) throw alreadyFree(first, npages, next)
}

function assertNotTree(
  w: Int32Array,
  node: number,
  level: number,
  first: number,
  end: number,
): void {
  if (node >= first && node < end) throw ours(first, end - first, node)
  if (level <= 1 || isLeaf(w, node)) return
  const used = Math.min(w[(node << Shift.wordsPerPage) | Node.used]!, Limit.keys)
  for (let index = 0; index < used; index++) {
    const child = pageOf(w[firstKey(node) + index * Key.words + Key.value]!)
    assertNotTree(w, child, level - 1, first, end)
  }
}

function alreadyFree(first: number, npages: number, run: number): FreePageError {
  return new FreePageError(`put(${first}, ${npages}): the run at page ${run} is free already`)
}

function ours(first: number, npages: number, page: number): FreePageError {
  return new FreePageError(`put(${first}, ${npages}): page ${page} holds bookkeeping`)
}
