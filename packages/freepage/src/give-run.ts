/**
 * Adding a run of pages to what is free (seed: FreePageManagerPutInternal): it grows together
 * with the runs it touches, else becomes a run of its own. Runs never touch afterwards.
 * Not here: what follows a public put (clean-up.ts, manager.ts).
 *
 * A run that overlaps a free run is found by the same comparisons that find neighbours, and
 * refused before anything is changed.
 */
import { FreePageError } from './free-page-error.js'
import { Header, Key, Magic, pointerTo, Shift } from './layout.js'
import { popRecycled, pushRecycled } from './recycle-list.js'
import { listRun, unlistRun } from './span-lists.js'
import { takeRun } from './take-run.js'
import { insertRun, insertRunSplitting, pagesToSplit } from './tree-insert.js'
import { fixAncestors, insertKey, isFull, writeNode } from './tree-keys.js'
import { removeKey } from './tree-remove.js'
import { findKey, firstKey, rightSibling, usedKeys } from './tree-search.js'

/**
 * Returns the length of the run that the pages are now part of. With `soft`, returns 0 and
 * changes nothing where a tree page would have to be found for it.
 * @throws FreePageError if pages of the run are free already
 */
export function giveRun(w: Int32Array, first: number, npages: number, soft: boolean): number {
  if (w[Header.depth] !== 0) return giveToTree(w, first, npages, soft)
  return giveWithoutTree(w, first, npages, soft)
}

function giveWithoutTree(w: Int32Array, first: number, npages: number, soft: boolean): number {
  const merged = joinSingle(w, first, npages)
  if (merged !== 0) return merged
  const root = rootPage(w, soft)
  if (root === 0) return 0
  plantTree(w, root)
  if (w[firstKey(root) + Key.value] !== 0) return giveToTree(w, first, npages, soft)
  w[firstKey(root) + Key.first] = first
  w[firstKey(root) + Key.value] = npages
  listRun(w, first, npages)
  return npages
}

/** Nothing is free, or one run is: 0 if the two do not touch. */
function joinSingle(w: Int32Array, first: number, npages: number): number {
  const start = w[Header.singletonFirst]!
  const pages = w[Header.singletonPages]!
  const end = first + npages
  if (pages !== 0) {
    if (start + pages < first || end < start) return 0
    if (start + pages !== first && end !== start) throw givenTwice(first, npages)
    unlistRun(w, start)
  }
  const total = pages + npages
  const low = pages !== 0 && start < first ? start : first
  w[Header.singletonFirst] = low
  w[Header.singletonPages] = total
  listRun(w, low, total)
  return total
}

/** A page for the first root: a recycled one, or the first page of the one free run. */
function rootPage(w: Int32Array, soft: boolean): number {
  const recycled = popRecycled(w)
  if (recycled !== 0 || soft) return recycled
  const page = takeRun(w, 1)
  if (page === 0) throw noPageForTree()
  return page
}

/** Turns the one free run into the only key of a new tree. Its length may be 0. */
function plantTree(w: Int32Array, root: number): void {
  writeNode(w, root, Magic.leaf, 0)
  insertKey(w, firstKey(root), w[Header.singletonFirst]!, w[Header.singletonPages]!)
  w[Header.root] = pointerTo(root)
  w[Header.depth] = 1
  w[Header.singletonFirst] = 0
  w[Header.singletonPages] = 0
}

function giveToTree(w: Int32Array, first: number, npages: number, soft: boolean): number {
  const at = findKey(w, first)
  const leaf = at >>> Shift.wordsPerPage
  const next = nextKey(w, at, leaf)
  const reachesNext = next !== 0 && touches(w, next, first, npages)
  if (at > firstKey(leaf)) {
    const prev = at - Key.words
    const prevEnd = w[prev + Key.first]! + w[prev + Key.value]!
    if (prevEnd > first) throw givenTwice(first, npages)
    if (prevEnd === first) return joinPrevious(w, prev, npages, reachesNext ? next : 0)
  }
  if (reachesNext) return joinNext(w, next, first, npages)
  if (!isFull(w, leaf)) insertRun(w, at, first, npages)
  else if (soft) return 0
  else insertWithPages(w, leaf, first, npages)
  listRun(w, first, npages)
  return npages
}

/** The key after a position: in the leaf, or first in the leaf to the right. 0: none. */
function nextKey(w: Int32Array, at: number, leaf: number): number {
  if (at < firstKey(leaf) + usedKeys(w, leaf) * Key.words) return at
  if (w[Header.depth] === 1) return 0
  const right = rightSibling(w, leaf)
  return right === 0 ? 0 : firstKey(right)
}

function touches(w: Int32Array, next: number, first: number, npages: number): boolean {
  const nextFirst = w[next + Key.first]!
  if (nextFirst < first + npages) throw givenTwice(first, npages)
  return nextFirst === first + npages
}

/** The run before grows by the new pages, and by the run after them if `next` is not 0. */
function joinPrevious(w: Int32Array, prev: number, npages: number, next: number): number {
  const first = w[prev + Key.first]!
  let total = w[prev + Key.value]! + npages
  if (next !== 0) {
    total += w[next + Key.value]!
    unlistRun(w, w[next + Key.first]!)
  }
  w[prev + Key.value] = total
  unlistRun(w, first)
  listRun(w, first, total)
  if (next !== 0) removeKey(w, next)
  return total
}

/** The run after grows downward by the new pages. */
function joinNext(w: Int32Array, next: number, first: number, npages: number): number {
  const total = w[next + Key.value]! + npages
  const node = next >>> Shift.wordsPerPage
  unlistRun(w, w[next + Key.first]!)
  w[next + Key.first] = first
  w[next + Key.value] = total
  listRun(w, first, total)
  if (next === firstKey(node)) fixAncestors(w, node)
  return total
}

/**
 * Fetches the pages for a split, then inserts. Fetching can itself change the tree: take keys
 * from the leaf, recycle pages, or (very rarely, by joining pages above) fill a page that had room.
 */
function insertWithPages(w: Int32Array, leaf: number, first: number, npages: number): void {
  const missing = pagesToSplit(w, leaf) - w[Header.recycledCount]!
  for (let count = 0; count < missing; count++) fetchTreePage(w)
  let at = findKey(w, first)
  while (pagesToSplit(w, at >>> Shift.wordsPerPage) > w[Header.recycledCount]!) {
    fetchTreePage(w)
    at = findKey(w, first)
  }
  if (isFull(w, at >>> Shift.wordsPerPage)) insertRunSplitting(w, at, first, npages)
  else insertRun(w, at, first, npages)
}

function fetchTreePage(w: Int32Array): void {
  const page = takeRun(w, 1)
  if (page === 0) throw noPageForTree()
  pushRecycled(w, page)
}

function givenTwice(first: number, npages: number): FreePageError {
  return new FreePageError(`pages ${first} to ${first + npages - 1} are not all in use, put twice?`)
}

function noPageForTree(): FreePageError {
  return new FreePageError('no page for the tree although runs are free', 'F3')
}
