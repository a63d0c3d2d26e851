import type { DsmImpl } from '../src/index.js'

export interface ReferenceOptions {
  /** Where the files are. A joiner does not say; the scope does. */
  readonly dir?: string
  /** A defect, by its name in canaries.ts. */
  readonly broken?: string
  /** Default true. */
  readonly crossProcess?: boolean
}
/** A mechanism in plain JavaScript that keeps the contract, or breaks it in one chosen way. */
export function reference(options?: ReferenceOptions): DsmImpl
/** Names of everything that is left in a directory. */
export function remainingFiles(dir: string): string[]
/** Closes what a leaking defect left open. */
export function plugLeaks(): void
