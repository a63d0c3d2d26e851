/** A part that another process plays in a trial: it gets ready, answers, and leaves. */

export interface Role {
  answer(message: unknown): unknown
  close(): void
}

/** @param words of the command line: the group's name, then what the role needs */
export type Casting = (...words: string[]) => Role
