/**
 * What a trial is: a question, answered by one or more races. In a race some contenders do one
 * piece of work, each in a process of its own, and take turns; comparisons say who is held against
 * whom, and what is to be reached. One file in trials/ for each trial; registry.ts lists them.
 */

export const BACKENDS = ['posix', 'sysv', 'mmap'] as const
export type Backend = (typeof BACKENDS)[number]

/** How much is done. `tiny` is what the tests run, so that no trial rots; `long` is asked for. */
export const SCALES = ['tiny', 'quick', 'full', 'long'] as const
export type Scale = (typeof SCALES)[number]

export interface Length {
  /** Samples of each contender that are thrown away, so that compilers have done their work. */
  readonly warmUp: number
  /** Repetitions of the work in one sample. */
  readonly batch: number
  /** Samples of one contender before it is the next one's turn. */
  readonly samples: number
  /** Turns of each contender. */
  readonly turns: number
}

/** `long` is as `full` where nothing is said. */
export type Lengths = Readonly<Record<'tiny' | 'quick' | 'full', Length>> & {
  readonly long?: Length
}

export const lengthOf = (lengths: Lengths, scale: Scale): Length => lengths[scale] ?? lengths.full

/** A contender at work. */
export interface Subject {
  /**
   * Does the work `count` times. One that measures itself, because not all that it does belongs to
   * the work, says what one repetition took: nanoseconds, or what the race counts.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to say
  batch(count: number): number | void | Promise<number | void>
  close(): void | Promise<void>
}

/** What a contender needs that the workspace does not install. */
export type Need = 'postgres' | 'python' | 'shm-typed-array' | '@riaskov/mmap-io' | 'lmdb'

export interface Contender {
  readonly name: string
  /** Its place on the race's axis. */
  readonly at?: number
  readonly needs?: Need
  /** Too much for the tests. */
  readonly notTiny?: true
  /** Where it takes so much longer that the race's own length will not do. */
  readonly length?: (length: Length, scale: Scale) => Length
  open(scale: Scale): Subject | Promise<Subject>
}

/** At most: ours / theirs, or ours − theirs. At least: the rate of ours over that of theirs. */
export type Goal =
  | { readonly times: number }
  | { readonly plusNs: number }
  | { readonly rate: number }

/** Names of contenders. */
export interface Comparison {
  readonly ours: string
  readonly theirs: string
  /** From the project's goals for speed; null: for information. */
  readonly goal: Goal | null
}

/** `share`: of the fairest possible. */
export type Unit = 'ns' | 'bytes' | 'share'

export interface Race {
  readonly name: string
  /** The work, in words. */
  readonly what: string
  readonly unit?: Unit
  /** Where it differs by backend. */
  readonly backend?: Backend
  /** What `Contender.at` counts. */
  readonly axis?: string
  /** The whole distribution is of interest, not the median alone. */
  readonly latency?: true
  readonly contenders: readonly Contender[]
  readonly comparisons: readonly Comparison[]
  readonly lengths: Lengths
}

export interface Trial {
  readonly name: string
  /** The question, in words. */
  readonly what: string
  readonly races: readonly Race[]
}

export const contendersOf = (race: Race, scale: Scale): readonly Contender[] =>
  race.contenders.filter(({ notTiny }) => scale !== 'tiny' || notTiny !== true)
