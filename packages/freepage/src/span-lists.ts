/**
 * The 129 lists of free runs by length: put a run on its list, take it off, find the best fit,
 * find the longest. A run is known here by its leader, the first 32 bytes of its first page.
 * Not here: the tree, which knows where the neighbours of a run are.
 * Lists are last in, first out and never sorted: a sorted list would cost a search at every put,
 * and the one list that would gain, that of long runs, is short in practice.
 */
import { FreePageError } from './free-page-error.js'
import { Header, Limit, Magic, pointerTo, Shift, Span } from './layout.js'

/** Word of the header that heads the list for runs of that many pages. */
function headFor(npages: number): number {
  const list = npages < Limit.lists ? npages - 1 : Limit.largeList
  return Header.lists + (list << 1)
}

/** Writes the leader of a free run and puts it first on its list. */
export function listRun(w: Int32Array, page: number, npages: number): void {
  const headWord = headFor(npages)
  const head = w[headWord]!
  const at = page << Shift.wordsPerPage
  const pointer = pointerTo(page)
  w[choose(head, leaderWord(head) | Span.prev, at | Span.prev)] = pointer
  w[at | Span.magic] = Magic.span
  w[at | Span.npages] = npages
  w[at | (Span.npages + 1)] = 0
  w[at | Span.prev] = 0
  w[at | (Span.prev + 1)] = 0
  w[at | Span.next] = head
  w[at | (Span.next + 1)] = 0
  w[headWord] = pointer
}

/** Takes a free run off its list; its leader is left as it was. */
export function unlistRun(w: Int32Array, page: number): void {
  const at = page << Shift.wordsPerPage
  const prev = w[at | Span.prev]!
  const next = w[at | Span.next]!
  w[choose(next, leaderWord(next) | Span.prev, at | Span.prev)] = prev
  w[choose(prev, leaderWord(prev) | Span.next, headFor(w[at | Span.npages]!))] = next
}

/**
 * The word `some` if there is a pointer, else the word `none`, without a branch: whether a run has
 * a neighbour on its list is a coin's toss, and a wrong guess costs more than a store without
 * effect. Where there is no neighbour, `none` is a word that gets that value anyhow.
 */
function choose(pointer: number, some: number, none: number): number {
  const is = (pointer | (0 - pointer)) >> 31
  return (some & is) | (none & ~is)
}

/** First word of the page that a pointer leads to. */
function leaderWord(pointer: number): number {
  return (pointer >>> Shift.bytesPerPage) << Shift.wordsPerPage
}

/**
 * The run that a request is cut from: the head of the first list that is not empty, or the
 * shortest sufficient run of the last list. 0: none.
 */
export function bestFit(w: Int32Array, npages: number): number {
  if (npages === 0) return 0
  const last = Header.lists + 2 * Limit.largeList
  let headWord = headFor(npages)
  // Most lists are empty: four at a time, as long as they do not reach beyond the last but one.
  while (headWord <= last - 8) {
    const any = w[headWord]! | w[headWord + 2]! | w[headWord + 4]! | w[headWord + 6]!
    if (any !== 0) break
    headWord += 8
  }
  for (; headWord < last; headWord += 2) {
    if (w[headWord] !== 0) return w[headWord]! >>> Shift.bytesPerPage
  }
  return bestLarge(w, npages)
}

function bestLarge(w: Int32Array, npages: number): number {
  let best = 0
  let bestPages = Limit.pages as number
  let left = w.length >>> Shift.wordsPerPage
  let pointer = w[Header.lists + 2 * Limit.largeList]!
  while (pointer !== 0) {
    const at = leaderWord(pointer)
    const pages = w[at | Span.npages]!
    if (pages >= npages && pages < bestPages) {
      best = pointer >>> Shift.bytesPerPage
      if (pages === npages) break
      bestPages = pages
    }
    if (--left < 0) throw new FreePageError('the list of long runs has no end', 'F2')
    pointer = w[at | Span.next]!
  }
  return best
}

/** Pages in the longest run on any list; 0 when nothing is free. */
export function longestRun(w: Int32Array): number {
  const last = Header.lists + 2 * Limit.largeList
  if (w[last] !== 0) return longestLarge(w)
  for (let list = Limit.largeList - 1; list >= 0; list--) {
    if (w[Header.lists + 2 * list] !== 0) return list + 1
  }
  return 0
}

function longestLarge(w: Int32Array): number {
  let longest = 0
  let left = w.length >>> Shift.wordsPerPage
  let pointer = w[Header.lists + 2 * Limit.largeList]!
  while (pointer !== 0) {
    const at = leaderWord(pointer)
    if (w[at | Span.npages]! > longest) longest = w[at | Span.npages]!
    if (--left < 0) throw new FreePageError('the list of long runs has no end', 'F2')
    pointer = w[at | Span.next]!
  }
  return longest
}
