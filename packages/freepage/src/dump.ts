/**
 * The bookkeeping as text, for people and bug reports (seed: FreePageManagerDump): header, tree,
 * single run, recycled pages, lists by length. Shows what is there, right or wrong, and marks
 * what contradicts its surroundings with `!`. Not for programs: the form may change.
 * Damaged bytes cannot keep it busy: it prints at most as many lines as there are pages.
 */
import { Header, Key, Limit, Magic, Node, pageOf, Shift, Span } from './layout.js'
import { firstKey } from './tree-search.js'

interface Text {
  readonly w: Int32Array
  readonly lines: string[]
  /** Pages that may still be looked at. */
  left: number
}

export function dumpText(w: Int32Array): string {
  const text: Text = { w, lines: [], left: 2 * (w.length >>> Shift.wordsPerPage) }
  const depth = w[Header.depth]!
  const unknown = (w[Header.dirty]! & 255) === 0 ? '' : ' (not settled)'
  text.lines.push(`header: self ${w[Header.self]! - 1}, largest ${w[Header.largest]}${unknown}`)
  if (w[Header.root] !== 0) {
    text.lines.push(`tree: depth ${depth}`)
    dumpNode(text, pageOf(w[Header.root]!), 0, 0, -1)
  } else if (w[Header.singletonPages] !== 0) {
    text.lines.push(`single run: ${run(w[Header.singletonFirst]!, w[Header.singletonPages]!)}`)
  } else {
    text.lines.push('nothing free')
  }
  if (w[Header.recycled] !== 0) {
    const pages = chain(text, w[Header.recycled]!).join(' ')
    text.lines.push(`recycled, ${w[Header.recycledCount]}: ${pages}`)
  }
  for (let list = 0; list < Limit.lists; list++) dumpList(text, list)
  return `${text.lines.join('\n')}\n`
}

function run(first: number, npages: number): string {
  return `${first}(${npages})`
}

/** One line per tree page: page, level, leaf or internal, keys. Level 0 is the root. */
function dumpNode(text: Text, node: number, level: number, parent: number, key: number): void {
  const { w } = text
  if (level > Limit.depth || --text.left < 0) return
  const at = node << Shift.wordsPerPage
  const leaf = w[at + Node.magic] === Magic.leaf
  const known = leaf || w[at + Node.magic] === Magic.internal
  const used = Math.max(0, Math.min(w[at + Node.used] ?? 0, Limit.keys))
  const keys: string[] = []
  for (let index = 0; index < used; index++) {
    const word = firstKey(node) + index * Key.words
    const value = w[word + Key.value] ?? 0
    if (leaf) keys.push(run(w[word + Key.first] ?? 0, value))
    else keys.push(`${w[word + Key.first]}→${pageOf(value)}`)
  }
  const above = pageOf(w[at + Node.parent] ?? 0)
  const wrong: string[] = []
  if (!known) wrong.push('no tree page')
  if (above !== parent) wrong.push(`parent ${above}`)
  if (key !== -1 && w[firstKey(node)] !== key) wrong.push(`key above ${key}`)
  const marks = wrong.length === 0 ? '' : ` ! ${wrong.join(', ')}`
  text.lines.push(`  ${node}@${level} ${leaf ? 'l' : 'i'}${marks}: ${keys.join(' ')}`)
  if (leaf || !known) return
  for (let index = 0; index < used; index++) {
    const word = firstKey(node) + index * Key.words
    const child = pageOf(w[word + Key.value] ?? 0)
    dumpNode(text, child, level + 1, node, w[word + Key.first] ?? 0)
  }
}

function dumpList(text: Text, list: number): void {
  const { w } = text
  const head = w[Header.lists + 2 * list]!
  if (head === 0) return
  const runs = chain(text, head).map(page => {
    const npages = w[(page << Shift.wordsPerPage) + Span.npages] ?? 0
    const right = Math.min(npages, Limit.lists) - 1 === list
    if (!right) return `${run(page, npages)}!`
    return list === Limit.largeList ? run(page, npages) : `${page}`
  })
  const title = list === Limit.largeList ? `${Limit.lists} pages or more` : `${list + 1} pages`
  text.lines.push(`list of ${title}: ${runs.join(' ')}`)
}

/** Pages of a linked list from its head on. */
function chain(text: Text, head: number): number[] {
  const pages: number[] = []
  let pointer = head
  while (pointer !== 0 && --text.left >= 0) {
    pages.push(pageOf(pointer))
    pointer = text.w[(pageOf(pointer) << Shift.wordsPerPage) + Span.next] ?? 0
  }
  return pages
}
