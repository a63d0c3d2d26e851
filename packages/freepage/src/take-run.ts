/**
 * Taking a run of pages from what is free (seed: FreePageManagerGetInternal). Best fit, always
 * from the low end of the chosen run. Also serves the tree itself when it needs a page.
 * Not here: what follows a public get (clean-up.ts, manager.ts).
 */
import { FreePageError } from './free-page-error.js'
import { Header, Key, Limit, Magic, Shift, Span } from './layout.js'
import { bestFit, listRun, unlistRun } from './span-lists.js'
import { fixAncestors } from './tree-keys.js'
import { removeKey } from './tree-remove.js'
import { findKey, firstKey } from './tree-search.js'

/**
 * First page of a run of `npages`, or 0 if there is none. May leave `dirty` set.
 * @throws FreePageError if list and tree disagree about the run, before anything is changed
 */
export function takeRun(w: Int32Array, npages: number): number {
  const page = bestFit(w, npages)
  if (page === 0) return 0
  const leader = page << Shift.wordsPerPage
  const size = w[leader | Span.npages]!
  if (w[leader | Span.magic] !== Magic.span || size < npages) throw badLeader(page)
  const rest = size - npages
  if (w[Header.depth] === 0) {
    takeFromSingle(w, page, npages)
  } else {
    const at = findKey(w, page)
    if (w[at + Key.first] !== page || w[at + Key.value] !== size) throw badLeader(page)
    unlistRun(w, page)
    if (rest === 0) {
      removeKey(w, at)
    } else {
      w[at + Key.first] = page + npages
      w[at + Key.value] = rest
      if (at === firstKey(at >>> Shift.wordsPerPage)) fixAncestors(w, at >>> Shift.wordsPerPage)
    }
  }
  if (size === w[Header.largest]) noteLargestTaken(w, size)
  if (rest !== 0) listRun(w, page + npages, rest)
  return page
}

/** The one free run begins later, and is shorter. */
function takeFromSingle(w: Int32Array, page: number, npages: number): void {
  if (w[Header.singletonFirst] !== page) throw badLeader(page)
  unlistRun(w, page)
  w[Header.singletonFirst] = page + npages
  w[Header.singletonPages]! -= npages
}

/** A run as long as the longest is gone: unless its list shows another, that must be recounted. */
function noteLargestTaken(w: Int32Array, size: number): void {
  if (size >= Limit.lists || w[Header.lists + 2 * (size - 1)] === 0) w[Header.dirty] = 1
}

function badLeader(page: number): FreePageError {
  return new FreePageError(`the run listed at page ${page} is not the run that is free there`, 'F3')
}
