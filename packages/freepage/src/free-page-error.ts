/**
 * FreePageError: the bytes of the bookkeeping contradict each other, or a page was given twice.
 * Not for wrong arguments (arguments.ts). The package imports nothing of ours, so the code that
 * stands for corruption in all of dsm is repeated here.
 */
const MARK = Symbol.for('@dsm/freepage.FreePageError.v1')

export class FreePageError extends Error {
  override readonly name = 'FreePageError'
  /** Stable; the message may change. */
  readonly code = 'DSM_CORRUPT'
  /** The broken invariant of the README, `'F1'` … `'F7'`, where one is known. */
  readonly invariant: string | null

  constructor(what: string, invariant: string | null = null) {
    super(invariant === null ? what : `free pages are corrupt, invariant ${invariant}: ${what}`)
    this.invariant = invariant
    Object.defineProperty(this, MARK, { value: true })
  }

  /** True for a FreePageError of any loaded copy of this package, where `instanceof` would miss. */
  static isInstance(value: unknown): value is FreePageError {
    return typeof value === 'object' && value !== null && MARK in value
  }
}
