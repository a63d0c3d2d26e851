/**
 * The manager beside a model that knows only which page is free: an array of bits. Every
 * difference throws. F1 to F11 are the invariants of the README; the walk of `check.ts` supplies
 * what each page is, the model says what it should be.
 */
import { checkInvariants, Role } from '../src/check.js'
import type { FreePageManager } from '../src/manager.js'
import { randomFrom } from './random.js'

type Manager = typeof FreePageManager

export interface Held {
  first: number
  npages: number
  /** What fills the run's words, to see that nobody writes there (F8). */
  mark: number
}

export class Model {
  readonly pages: number
  readonly held: Held[] = []
  #manager: FreePageManager
  #words: Int32Array
  readonly #Manager: Manager
  readonly #free: Uint8Array
  /** Words of each held page that are compared when it is put back. */
  readonly #compared: number
  #marks = 0

  /** Manages nothing yet: all pages, 1 to `pages`, are held. */
  constructor(Manager: Manager, pages: number, compared = 1024) {
    this.pages = pages
    this.#Manager = Manager
    this.#compared = compared
    this.#free = new Uint8Array(pages + 1)
    const buffer = new ArrayBuffer((pages + 1) * 4096)
    this.#manager = Manager.initialize(buffer)
    this.#words = new Int32Array(buffer)
  }

  get manager(): FreePageManager {
    return this.#manager
  }

  /** F8, F10. Returns what the manager returned. */
  get(npages: number): number | null {
    const possible = npages > 0 && npages <= this.#manager.largest
    const first = this.#manager.get(npages)
    if (possible !== (first !== null)) throw new Error(`F10: get(${npages}) returned ${first}`)
    if (first === null) return null
    for (let page = first; page < first + npages; page++) {
      if (this.#free[page] !== 1) throw new Error(`F8: get(${npages}) gave page ${page}, in use`)
      this.#free[page] = 0
    }
    this.hold(first, npages)
    return first
  }

  /** Counts a run as held and fills it. */
  hold(first: number, npages: number): void {
    const mark = ++this.#marks | 0x40000000
    this.#words.fill(mark, first << 10, (first + npages) << 10)
    this.held.push({ first, npages, mark })
  }

  /** Puts back the held run of that index. */
  put(index: number): void {
    const run = this.held[index]!
    this.held[index] = this.held[this.held.length - 1]!
    this.held.pop()
    this.#compare(run)
    this.#free.fill(1, run.first, run.first + run.npages)
    this.#manager.put(run.first, run.npages)
  }

  #compare({ first, npages, mark }: Held): void {
    const words = this.#words
    for (let page = first; page < first + npages; page++) {
      for (let at = page << 10; at < (page << 10) + this.#compared; at++) {
        if (words[at] !== mark) throw new Error(`F8: word ${at & 1023} of page ${page} was written`)
      }
    }
  }

  /** F1 to F7, and every page is accounted for (F4). */
  verify(): void {
    const { roles } = checkInvariants(this.#words)
    const free = this.#free
    const none = Role.none // an import of a test is a slow thing to ask for every page
    for (let page = 1; page <= this.pages; page++) {
      if ((roles[page] !== none) !== (free[page] === 1)) {
        throw new Error(`F4: page ${page} is ${Role[roles[page]!]}, expected ${free[page]}`)
      }
    }
  }

  /** F11: the same bytes at another address, and at another offset of their buffer. */
  move(offset: number): void {
    const bytes = new Uint8Array(offset + (this.pages + 1) * 4096)
    bytes.set(new Uint8Array(this.#words.buffer, this.#words.byteOffset), offset)
    this.#words.fill(-1)
    this.#words = new Int32Array(bytes.buffer, offset)
    this.#manager = this.#Manager.open(bytes.buffer, offset)
  }

  /** F9: everything back, then one run remains. */
  putAll(): void {
    while (this.held.length > 0) this.put(this.held.length - 1)
    this.verify()
    const { runs, freePages, treePages, recycledPages } = checkInvariants(this.#words)
    const whole = runs === 1 && freePages === this.pages && treePages + recycledPages === 0
    if (!whole) throw new Error(`F9: ${runs} runs of ${freePages} pages remain of ${this.pages}`)
  }
}

export interface RandomRun {
  pages: number
  /** Longest run asked for; three of four are at most 4 pages. */
  longest: number
  operations: number
  /** Operations between two full walks. */
  walkEvery: number
  seed: number
  /** Words of each page that are compared for F8. Default all. */
  compared?: number
  /** Begin with every second page free; put in rising order, that makes the deepest tree. */
  scattered?: 'rising' | 'shuffled'
}

/** Random gets and puts in phases that fill, empty and hold the level. Throws at a difference. */
export function runRandom(Manager: Manager, options: RandomRun): { deepest: number } {
  const { pages, longest, operations, walkEvery, seed } = options
  const random = randomFrom(seed)
  const model = new Model(Manager, pages, options.compared)
  if (options.scattered) {
    for (let page = 1; page <= pages; page += 2) model.hold(page, 1)
    if (options.scattered === 'rising') model.held.reverse()
    while (model.held.length > 0) {
      const last = model.held.length - 1
      model.put(options.scattered === 'rising' ? last : random(last + 1))
    }
    for (let page = 2; page <= pages; page += 2) model.hold(page, 1)
  } else {
    model.hold(1, pages)
    model.put(0)
  }
  let deepest = 0
  let share = 128
  for (let operation = 1; operation <= operations; operation++) {
    if (random(2000) === 0) share = 64 + 64 * random(3)
    if (random(256) < share || model.held.length === 0) {
      model.get(1 + random(random(4) === 0 ? longest : Math.min(longest, 4)))
    } else {
      model.put(random(model.held.length))
    }
    if (model.manager.depth > deepest) deepest = model.manager.depth
    if (operation % walkEvery === 0) model.verify()
    if (operation % Math.ceil(operations / 3) === 0) model.move(8 * random(600))
  }
  model.verify()
  model.putAll()
  return { deepest }
}
