/**
 * What a rule is: a name by which the canary knows it, and a function from a repository to what
 * breaks it. A rule repairs nothing and prints nothing.
 */
import type { Repository } from './repository.js'

export interface Violation {
  /** The file, relative to the root. */
  readonly path: string
  /** From 1; absent: the whole file. */
  readonly line?: number
  /** What is wrong and what would be right. */
  readonly message: string
}

export interface Rule {
  /** A sentence that holds if nothing is reported. */
  readonly title: string
  readonly check: (repository: Repository) => Violation[]
}

export const SOURCE = /\.(?:[cm]?[jt]s|cc|hpp)$/
export const SCRIPT = /\.[cm]?[jt]s$/

export function describeViolation({ path, line, message }: Violation): string {
  return `${path}${line === undefined ? '' : `:${line}`}: ${message}`
}

/** A violation for each line that matches. */
export function matchingLines(
  repository: Repository,
  path: string,
  pattern: RegExp,
  message: (match: string) => string,
): Violation[] {
  return repository.lines(path).flatMap((text, index) => {
    const match = pattern.exec(text)
    return match === null ? [] : [{ path, line: index + 1, message: message(match[0]) }]
  })
}
