/** What a check found. A note is worth knowing and nothing wrong; a warning will bite some day. */
export interface Finding {
  /** Stable: `shm-size`, … */
  readonly id: string
  readonly level: 'ok' | 'note' | 'warning' | 'error'
  readonly says: string
  /** What to do; null: nothing. */
  readonly mend: string | null
}

export const ok = (id: string, says: string): Finding => ({ id, level: 'ok', says, mend: null })

export const finding = (
  id: string,
  level: Exclude<Finding['level'], 'ok'>,
  says: string,
  mend: string | null = null,
): Finding => ({ id, level, says, mend })
