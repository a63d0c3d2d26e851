import type { DsmImpl } from '../src/index.js'

/** The defects that `reference` can have; see reference.mjs. */
export type Defect = (typeof DEFECTS)[number]
export const DEFECTS: readonly [
  'adopts',
  'attach creates',
  'ignores evidence',
  'ignores the time of making',
  'removes foreign',
  'attaches foreign',
  'shares names between scopes',
  'uses its own options',
  'abort leaves the name',
  'abort resolves',
  'names late',
  'part dies with its parent',
  'part takes its parent along',
  'part is a copy',
  'null on any error',
  'failure leaves the name',
  'rounds the size',
  'ignores the length',
  'does not zero',
  'leaves the length',
  'destroy wants an object',
  'destroy empties mappings',
  'identity is the handle',
  'looks before it makes',
  'close ends mappings',
  'enumerate forgets',
  'checks nothing',
  'leaks descriptors',
  'writes to scope.dir',
]

export interface ReferenceOptions {
  /** Where the files are. A joiner does not say; the scope does. */
  readonly dir?: string
  readonly broken?: Defect
  /** Default true. */
  readonly crossProcess?: boolean
}
/** A mechanism in plain JavaScript that keeps the contract, or breaks it in one chosen way. */
export function reference(options?: ReferenceOptions): DsmImpl
/** Paths of everything that is left below a directory. */
export function remainingFiles(dir: string): string[]
