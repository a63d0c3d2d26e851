/** What is free, read from the bytes: for tests that compare states. */
import { checkInvariants, Role } from '../src/check.js'
import { FreePageManager } from '../src/index.js'

/** The free runs in order of address, as `first(npages)`. Checks F1 to F7 on the way. */
export function runsOf(buffer: ArrayBuffer, baseOffset = 0): string[] {
  const words = new Int32Array(buffer, baseOffset)
  const { roles } = checkInvariants(words)
  const runs: string[] = []
  for (const [page, role] of roles.entries()) {
    if (role === Role.listed) runs.push(`${page}(${words[page * 1024 + 2]})`)
  }
  return runs
}

/** A manager over fresh memory of that many pages, managing nothing, and the memory. */
export function fresh(pages: number) {
  const buffer = new ArrayBuffer((pages + 1) * 4096)
  return { buffer, words: new Int32Array(buffer), manager: FreePageManager.initialize(buffer) }
}

/** The header's word for each thing that tests look at or damage. */
export const WORD = {
  root: 2,
  recycled: 4,
  depth: 6,
  recycledCount: 7,
  singletonFirst: 8,
  singletonPages: 10,
  largest: 12,
  dirty: 14,
  list: (npages: number) => 16 + 2 * (Math.min(npages, 129) - 1),
}

export interface Leaf {
  page: number
  /** Where its runs begin, in order. */
  firsts: number[]
}

/** The leaves of a tree of depth 2, left to right. */
export function leavesOf(words: Int32Array): Leaf[] {
  const keysOf = (page: number) => {
    const at = page * 1024 + 6
    const used = words[page * 1024 + 2]!
    return Array.from({ length: used }, (_, index) => [words[at + 4 * index]!, at + 4 * index + 2])
  }
  const root = words[WORD.root]! >>> 12
  return keysOf(root).map(([, link]) => {
    const page = words[link!]! >>> 12
    return { page, firsts: keysOf(page).map(([first]) => first!) }
  })
}
