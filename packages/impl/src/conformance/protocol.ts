/**
 * What the suite asks of a child process, and how the child answers. Plain data that survives JSON.
 */
import type { DsmEvidence, DsmScope } from '../dsm-impl.js'

/** The first message: where to get the mechanism, and whose objects to work on. */
export interface ChildStart {
  readonly module: string
  readonly factory: string
  readonly factoryOptions?: unknown
  readonly scope: DsmScope
}

/**
 * What a child must do without, as `ulimit` says it: every file descriptor, or files this large.
 */
export type Shortage = 'descriptors' | 'file size'

/** One question; `handle` also names the child's mapping, as it has one per handle. */
export type Question =
  | { readonly ask: 'describe'; readonly handle: number }
  | { readonly ask: 'create'; readonly handle: number; readonly size: number }
  | { readonly ask: 'attach'; readonly handle: number; readonly size: number }
  | { readonly ask: 'write'; readonly handle: number; readonly at: number; readonly value: number }
  | { readonly ask: 'read'; readonly handle: number; readonly at: number }
  | { readonly ask: 'detach'; readonly handle: number }
  | { readonly ask: 'destroy'; readonly handle: number; readonly evidence?: DsmEvidence }
  | { readonly ask: 'enumerate' }
  | {
      readonly ask: 'race'
      readonly handles: readonly number[]
      readonly size: number
      readonly startAtMs: number
    }
  | { readonly ask: 'exhaust' }
  | { readonly ask: 'recover' }

export interface Answers {
  describe: { kind: string; osName: string }
  /** Identity, or null: taken. */
  create: number | null
  attach: number
  write: null
  read: number
  detach: null
  destroy: boolean
  enumerate: number[]
  /** The handles whose create this child won. */
  race: number[]
  /** Opens files until there is no descriptor left, and closes them again. */
  exhaust: null
  recover: null
}

export interface Request {
  readonly id: number
  readonly question: Question
}

export interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: string
}

export type Reply =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly failure: Failure }
