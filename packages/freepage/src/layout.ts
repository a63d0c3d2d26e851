/**
 * Where every word of the bookkeeping stands: header, span leader, tree page, key. PostgreSQL's
 * layout for 64-bit little-endian machines (freepage.h), counted in 32-bit words from the base.
 * Not here: what the words mean to each other (span-lists, tree-*), or any loop.
 *
 * Fields of 64 bits are two words; the high one is always written 0, because a manager spans at
 * most 4 GiB. A relative pointer is a byte offset + 1, so that an object at the base is not null;
 * everything that is pointed to begins a page, so pointers and page numbers convert by a shift.
 * Page 0 holds the header and is never managed: 0 means "no page" throughout.
 * These tables are enums because the bundler writes enum members into the code as numbers.
 */

/** Bytes in a page; a run is a whole number of them. */
export const PAGE_SIZE = 4096

/** Header, at the base: 1,096 bytes. */
export enum Header {
  self = 0,
  root = 2,
  recycled = 4,
  depth = 6,
  recycledCount = 7,
  singletonFirst = 8,
  singletonPages = 10,
  largest = 12,
  dirty = 14,
  lists = 16,
  words = 274,
}

/** Span leader: the first 32 bytes of a free run, and of a page on the recycle list. */
export enum Span {
  magic = 0,
  npages = 2,
  prev = 4,
  next = 6,
}

/** Tree page: 24 bytes, then up to 254 keys. */
export enum Node {
  magic = 0,
  used = 2,
  parent = 4,
  keys = 6,
}

/** Key of 16 bytes. In a leaf the value is a length in pages, in an internal page a pointer. */
export enum Key {
  first = 0,
  value = 2,
  words = 4,
}

/** First word of whatever occupies a page of ours, as a signed word. */
export enum Magic {
  span = 0xea4020f0 | 0,
  leaf = 0x98eae728 | 0,
  internal = 0x19aa32c9,
}

export enum Limit {
  /** Free lists: 0 … 127 hold runs of exactly index + 1 pages, the last holds all longer ones. */
  lists = 129,
  largeList = 128,
  /** Keys that fit in a tree page of either kind. */
  keys = 254,
  /** A tree page with fewer keys than this tries to join a neighbour. */
  keysLow = 84,
  /** Pages that 32-bit pointers reach: 4 GiB. */
  pages = 1 << 20,
  /** No tree over that many pages is deeper, even if every page had only two keys. */
  depth = 20,
}

/** Words in a page, bytes in a page, words in a key: as shifts. */
export enum Shift {
  wordsPerPage = 10,
  bytesPerPage = 12,
  wordsPerKey = 2,
}

/** What `self` holds: the header is at the base, offset 0. */
export const SELF = 1

/** Relative pointer to the start of a page (page > 0), as the signed low word. */
export function pointerTo(page: number): number {
  return (page << Shift.bytesPerPage) | 1
}

/** Page that a relative pointer leads to; 0 for null. */
export function pageOf(pointer: number): number {
  return pointer >>> Shift.bytesPerPage
}
