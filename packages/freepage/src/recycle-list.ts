/**
 * Pages that left the tree and wait to serve it again or to become free: a stack in the header.
 * Such a page carries a span leader of one page, but is on no free list and in no key.
 * Not here: the decision to keep or to free them (clean-up.ts).
 */
import { Header, Magic, pageOf, pointerTo, Shift, Span } from './layout.js'

/** Puts a page that nothing refers to any more on top of the list. */
export function pushRecycled(w: Int32Array, page: number): void {
  const at = page << Shift.wordsPerPage
  const head = w[Header.recycled]!
  w[at | Span.magic] = Magic.span
  w[at | Span.npages] = 1
  w[at | (Span.npages + 1)] = 0
  w[at | Span.prev] = 0
  w[at | (Span.prev + 1)] = 0
  w[at | Span.next] = head
  w[at | (Span.next + 1)] = 0
  if (head !== 0) w[(pageOf(head) << Shift.wordsPerPage) + Span.prev] = pointerTo(page)
  w[Header.recycled] = pointerTo(page)
  w[Header.recycledCount]!++
}

/** Takes the page on top; 0 when the list is empty. */
export function popRecycled(w: Int32Array): number {
  const page = pageOf(w[Header.recycled]!)
  if (page === 0) return 0
  const next = w[(page << Shift.wordsPerPage) + Span.next]!
  if (next !== 0) w[(pageOf(next) << Shift.wordsPerPage) + Span.prev] = 0
  w[Header.recycled] = next
  w[Header.recycledCount]!--
  return page
}
