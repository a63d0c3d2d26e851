/**
 * The walk over all bookkeeping that `check()` makes: does every byte agree with the invariants
 * F1 to F7? Trusts nothing it reads: every page is claimed once before it is entered, so the walk
 * ends on any bytes. Not a repair, and not meant for the hot path.
 * F4 in full (pages put minus pages got) needs the caller's own account; `Census` is for that.
 */
import { FreePageError } from './free-page-error.js'
import { Header, Key, Limit, Magic, Node, pointerTo, Shift, Span } from './layout.js'
import { firstKey } from './tree-search.js'

/** What the walk found. Counts are in pages, but for `runs`. */
export interface Census {
  /** What each page is: a `Role`. */
  readonly roles: Uint8Array
  runs: number
  freePages: number
  treePages: number
  recycledPages: number
  longest: number
}

export enum Role {
  none = 0,
  run = 1,
  leader = 2,
  listed = 3,
  tree = 4,
  recycled = 5,
}

interface Walk extends Census {
  readonly w: Int32Array
  /** Where the last run ended; the next one must begin behind the page that follows. */
  end: number
}

/** @throws FreePageError naming the first invariant that does not hold. */
export function checkInvariants(w: Int32Array): Census {
  const walk: Walk = {
    w,
    roles: new Uint8Array(w.length >>> Shift.wordsPerPage),
    end: -1,
    runs: 0,
    freePages: 0,
    treePages: 0,
    recycledPages: 0,
    longest: 0,
  }
  if (w[Header.self + 1] !== 0) throw new FreePageError('self is not the base', 'F6')
  checkShape(walk)
  checkLists(walk)
  checkRecycled(walk)
  checkLargest(walk)
  return walk
}

function checkShape(walk: Walk): void {
  const { w } = walk
  const depth = w[Header.depth]!
  const root = pointer(walk, Header.root, 'F6')
  const first = count(walk, Header.singletonFirst, 'F6')
  const pages = count(walk, Header.singletonPages, 'F6')
  if (depth < 0 || depth > Limit.depth) broken('F6', `depth is ${depth}`)
  if ((depth === 0) !== (root === 0)) broken('F6', `depth is ${depth}, root is page ${root}`)
  if (depth === 0) {
    if (pages !== 0) addRun(walk, first, pages)
    return
  }
  if (first !== 0 || pages !== 0) broken('F6', 'there are a tree and a single run')
  checkNode(walk, root, depth, 0)
}

/** One tree page and all below it, keys in rising order. `level` 1 is a leaf. */
function checkNode(walk: Walk, node: number, level: number, parent: number): void {
  const { w } = walk
  claim(walk, node, Role.tree)
  walk.treePages++
  const at = node << Shift.wordsPerPage
  const magic = level === 1 ? Magic.leaf : Magic.internal
  if (w[at + Node.magic] !== magic) broken('F6', `page ${node} is no tree page of level ${level}`)
  if (pointer(walk, at + Node.parent, 'F6') !== parent)
    broken('F6', `parent of page ${node} is wrong`)
  const used = count(walk, at + Node.used, 'F6')
  if (used < 1 || used > Limit.keys) broken('F6', `page ${node} has ${used} keys`)
  const end = firstKey(node) + used * Key.words
  for (let key = firstKey(node); key < end; key += Key.words) {
    const first = count(walk, key + Key.first, 'F6')
    if (level === 1) {
      addRun(walk, first, count(walk, key + Key.value, 'F6'))
      continue
    }
    const child = pointer(walk, key + Key.value, 'F6')
    if (child === 0) broken('F6', `page ${node} has a key without a child`)
    const inOrder = w[firstKey(child) + Key.first] === first
    if (!inOrder) broken('F6', `page ${node} has another first key for page ${child}`)
    checkNode(walk, child, level - 1, node)
  }
}

function addRun(walk: Walk, first: number, npages: number): void {
  const { w } = walk
  const limit = walk.roles.length
  const inside = first >= 1 && npages >= 1 && first <= limit - npages
  if (!inside) broken('F1', `run ${first} of ${npages} pages is outside of pages 1 to ${limit - 1}`)
  if (first <= walk.end) broken('F1', `run ${first} of ${npages} pages touches or overlaps another`)
  const at = first << Shift.wordsPerPage
  if (w[at + Span.magic] !== Magic.span) broken('F2', `run ${first} has no leader`)
  const listed = count(walk, at + Span.npages, 'F2')
  if (listed !== npages) broken('F3', `run ${first} has ${npages} pages, its leader says ${listed}`)
  claim(walk, first, Role.leader)
  for (let page = first + 1; page < first + npages; page++) claim(walk, page, Role.run)
  walk.end = first + npages
  walk.runs++
  walk.freePages += npages
  if (npages > walk.longest) walk.longest = npages
}

function checkLists(walk: Walk): void {
  const { w, roles } = walk
  let listed = 0
  for (let list = 0; list < Limit.lists; list++) {
    const head = Header.lists + 2 * list
    if (w[head] === 0 && w[head + 1] === 0) continue
    let prev = 0
    let page = pointer(walk, head, 'F2')
    while (page !== 0) {
      const at = page << Shift.wordsPerPage
      if (roles[page] !== Role.leader)
        broken('F3', `list ${list} has page ${page}, wrongly or twice`)
      roles[page] = Role.listed
      listed++
      const right = Math.min(w[at + Span.npages]!, Limit.lists) - 1
      if (right !== list) broken('F2', `run ${page} is on list ${list} instead of ${right}`)
      const back = pointer(walk, at + Span.prev, 'F2')
      if (back !== prev) broken('F2', `run ${page} has run ${back} before it instead of ${prev}`)
      prev = page
      page = pointer(walk, at + Span.next, 'F2')
    }
  }
  if (listed !== walk.runs) broken('F3', `${walk.runs} runs are free, ${listed} are listed`)
}

function checkRecycled(walk: Walk): void {
  const { w } = walk
  let prev = 0
  let page = pointer(walk, Header.recycled, 'F7')
  while (page !== 0) {
    const at = page << Shift.wordsPerPage
    claim(walk, page, Role.recycled)
    walk.recycledPages++
    const single = w[at + Span.magic] === Magic.span && count(walk, at + Span.npages, 'F7') === 1
    if (!single) broken('F7', `recycled page ${page} has no leader of one page`)
    const back = pointer(walk, at + Span.prev, 'F7')
    if (back !== prev) broken('F7', `recycled page ${page} has page ${back} before it, not ${prev}`)
    prev = page
    page = pointer(walk, at + Span.next, 'F7')
  }
  const counted = w[Header.recycledCount]!
  if (counted !== walk.recycledPages) broken('F7', `${walk.recycledPages} recycled, not ${counted}`)
}

function checkLargest(walk: Walk): void {
  const dirty = walk.w[Header.dirty]! & 255
  const largest = count(walk, Header.largest, 'F5')
  if (largest !== walk.longest)
    broken('F5', `longest run is ${walk.longest}, header says ${largest}`)
  const untouched = walk.runs + walk.treePages + walk.recycledPages === 0 // as initialize leaves it
  if (!(dirty === 0 || (dirty === 1 && untouched)))
    broken('F5', 'the longest run is marked unknown')
}

/** A page serves one purpose: this is what makes every walk end. */
function claim(walk: Walk, page: number, role: Role): void {
  const known = walk.roles[page]
  if (known !== Role.none)
    broken('F4', `page ${page} is both ${Role[known ?? 0]} and ${Role[role]}`)
  walk.roles[page] = role
}

/** A 64-bit field that holds a small count or page number. */
function count(walk: Walk, at: number, invariant: string): number {
  const value = walk.w[at]!
  if (walk.w[at + 1] !== 0 || value < 0) broken(invariant, `word ${at} is no count: ${value}`)
  return value
}

/** A relative pointer: page it leads to, 0 for null. */
function pointer(walk: Walk, at: number, invariant: string): number {
  const value = walk.w[at]!
  const page = value >>> Shift.bytesPerPage
  const valid = value === 0 || (page > 0 && page < walk.roles.length && value === pointerTo(page))
  if (!valid || walk.w[at + 1] !== 0) broken(invariant, `word ${at} is no pointer: ${value}`)
  return page
}

function broken(invariant: string, what: string): never {
  throw new FreePageError(what, invariant)
}
