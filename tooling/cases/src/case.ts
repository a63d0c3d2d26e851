/**
 * One numbered case: what PostgreSQL does, in our words, and how dsm stands to it. Which test shows
 * it is not here: that is read from the tests' titles.
 */
export interface Case {
  readonly number: number
  /** What PostgreSQL does. */
  readonly does: string
  /** What dsm does instead, and why. Absent: the same. */
  readonly differs?: string
  /** Why it cannot come up in Node; its test shows what there is in its place. */
  readonly never?: string
}

export type Verdict = 'same' | 'differs' | 'cannot apply'

export function verdictOf({ differs, never }: Case): Verdict {
  if (never !== undefined) return 'cannot apply'
  return differs === undefined ? 'same' : 'differs'
}
