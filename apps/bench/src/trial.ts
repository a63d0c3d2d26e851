/**
 * What a trial is: a piece of work, done by us and by what we are compared with. Each contender
 * lives in a process of its own. One file in trials/ for each; registry.ts lists them.
 */

export const BACKENDS = ['posix', 'sysv', 'mmap'] as const
export type Backend = (typeof BACKENDS)[number]

/** How much is done. */
export interface Length {
  /** Samples of each contender that are thrown away, so that compilers have done their work. */
  readonly warmUp: number
  /** Repetitions of the work in one sample. */
  readonly batch: number
  /** Samples of one contender before it is the other's turn. */
  readonly samples: number
  /** Turns of each contender. */
  readonly turns: number
  /** bytes of the segment */
  readonly size: number
}

export interface ContenderOptions {
  readonly backend: Backend
  readonly size: number
}

/** A contender at work. */
export interface Subject {
  /** Does the work `count` times. */
  batch(count: number): void | Promise<void>
  close(): void | Promise<void>
}

export interface Contender {
  readonly name: string
  open(options: ContenderOptions): Subject | Promise<Subject>
}

export interface Trial {
  readonly name: string
  /** The work, in words. */
  readonly what: string
  /** Those on which it differs. */
  readonly backends: readonly Backend[]
  /** The first is ours, the second what it is compared with. */
  readonly contenders: readonly [Contender, Contender]
  /** Our time over theirs is to be no more than this (goals, "Speed"). */
  readonly goal: number
  readonly full: Length
  readonly quick: Length
  /** What `npm test` runs, so that no trial rots. */
  readonly tiny: Length
}
