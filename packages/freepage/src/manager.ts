/**
 * FreePageManager: runs of free 4,096-byte pages inside one ArrayBuffer (seed: freepage.c). All
 * bookkeeping is in the buffer, in a header at the base and in the free pages themselves, holds
 * no address, and has PostgreSQL's layout and policy: any process that maps the same bytes, at
 * any address, can go on with them.
 *
 * It takes no lock: the caller holds one around every call, and remembers the runs it was given.
 * It does not know which pages exist: it manages what is put.
 */
import { assertOptions, assertPageCount, assertPlace, assertRun, detached } from './arguments.js'
import { checkInvariants } from './check.js'
import { assertPutAllowed, assertReadable } from './check-put.js'
import { cleanUp, settleLargest } from './clean-up.js'
import { dumpText } from './dump.js'
import { FreePageError } from './free-page-error.js'
import { giveRun } from './give-run.js'
import { Header, Limit, SELF, Shift } from './layout.js'
import { takeRun } from './take-run.js'

/** How a manager is to behave. */
export interface FreePageOptions {
  /**
   * Looks at every put before it changes anything: pages that are free, or that hold the tree,
   * are refused. Costs a walk over the tree's own pages per put. Default false.
   */
  readonly checked?: boolean
}

/** Runs of free pages, all bookkeeping in the buffer. Takes no lock. */
export class FreePageManager {
  readonly #words: Int32Array
  readonly #checked: boolean

  private constructor(words: Int32Array, options: FreePageOptions | undefined) {
    this.#words = words
    this.#checked = options?.checked === true
  }

  /**
   * Writes an empty header of 1,096 bytes at `baseOffset` (bytes, a multiple of 8) and manages
   * nothing yet. Page n is the 4,096 bytes at `baseOffset + 4096 * n`; page 0 holds the header.
   * At most 4 GiB from the base are used. Seed: FreePageManagerInitialize.
   * @throws TypeError, RangeError before anything is written
   */
  static initialize(
    buffer: ArrayBuffer,
    baseOffset = 0,
    options?: FreePageOptions,
  ): FreePageManager {
    const words = wordsOver(buffer, baseOffset, options)
    words.fill(0, 0, Header.words)
    words[Header.self] = SELF
    words[Header.dirty] = 1
    return new FreePageManager(words, options)
  }

  /**
   * Goes on with bytes that another manager initialised, perhaps another process at another
   * address. Looks at the header and what it points to; `check()` looks at everything.
   * @throws FreePageError if these bytes are no header; TypeError, RangeError for arguments
   */
  static open(buffer: ArrayBuffer, baseOffset = 0, options?: FreePageOptions): FreePageManager {
    const words = wordsOver(buffer, baseOffset, options)
    assertReadable(words)
    return new FreePageManager(words, options)
  }

  /** Pages in the longest free run; 0 when nothing can be got. Read from the header each time. */
  get largest(): number {
    return this.#live()[Header.largest]!
  }

  /** Levels of the tree; 0 while at most one run is free. Read from the header each time. */
  get depth(): number {
    return this.#live()[Header.depth]!
  }

  /**
   * Takes `npages` consecutive pages and returns the number of the first; null if no free run is
   * that long, or if `npages` is 0. Best fit, from the low end. Seed: FreePageManagerGet.
   * @throws TypeError, RangeError if `npages` is no count; FreePageError on contradictory bytes
   */
  get(npages: number): number | null {
    const w = this.#live()
    let wanted = npages
    if (!isWord(npages) || npages < 1) {
      assertPageCount(npages)
      wanted = Math.min(npages, Limit.pages)
    }
    const page = takeRun(w, wanted)
    settleLargest(w, cleanUp(w))
    return page === 0 ? null : page
  }

  /**
   * Makes `npages` pages from `firstPage` on free: pages got before, or pages never managed yet.
   * Whatever they hold is overwritten at will. Seed: FreePageManagerPut.
   * @throws TypeError, RangeError if the run is not inside the buffer or touches the header;
   *   FreePageError, with nothing changed, if some of it is free already
   */
  put(firstPage: number, npages: number): void {
    const w = this.#live()
    const limit = w.length >>> Shift.wordsPerPage
    const words = isWord(firstPage) && isWord(npages)
    if (!words || firstPage < 1 || npages < 1 || firstPage > limit - npages) {
      assertRun(firstPage, npages, limit)
    }
    if (this.#checked) assertPutAllowed(w, firstPage, npages)
    let longest = giveRun(w, firstPage, npages, false)
    if (longest > npages) {
      const cleaned = cleanUp(w)
      if (cleaned > longest) longest = cleaned
    }
    settleLargest(w, longest)
  }

  /**
   * Walks all bookkeeping and compares it with the invariants F1 to F7 of the README. Takes time
   * in proportion to the managed range; ends on any bytes whatever.
   * @throws FreePageError naming the first invariant that does not hold
   */
  check(): void {
    checkInvariants(this.#live())
  }

  /** The bookkeeping as text for people, contradictions marked. Ends on any bytes whatever. */
  dump(): string {
    return dumpText(this.#live())
  }

  /** The words, if the header is still there: a detached buffer has none, nor has a wiped one. */
  #live(): Int32Array {
    const w = this.#words
    if (w[Header.self] !== SELF) throw lost(w)
    return w
  }
}

/** True for a number that is a signed 32-bit integer: what all arithmetic in here is made of. */
function isWord(value: number): boolean {
  return typeof value === 'number' && (value | 0) === value
}

function wordsOver(
  buffer: ArrayBuffer,
  baseOffset: number,
  options: FreePageOptions | undefined,
): Int32Array {
  assertPlace(buffer, baseOffset)
  assertOptions(options)
  const pages = Math.min(Math.floor((buffer.byteLength - baseOffset) / 4096), Limit.pages)
  return new Int32Array(buffer, baseOffset, Math.max(pages * 1024, Header.words))
}

function lost(w: Int32Array): Error {
  return w.length === 0 ? detached() : new FreePageError('the header was overwritten')
}
