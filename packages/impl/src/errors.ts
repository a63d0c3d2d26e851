/**
 * DsmError: every operating failure of every dsm package, with a stable code.
 * Misuse (wrong types, impossible values) is not here: that is TypeError and RangeError, made in
 * `arguments.ts`. Codes are promised within a major version; messages may change.
 */

/** Why an operation failed. See the README for when each is thrown and what to do. */
export type DsmErrorCode =
  | 'DSM_NOT_FOUND'
  | 'DSM_NO_SPACE'
  | 'DSM_NO_MEMORY'
  | 'DSM_ACCESS'
  | 'DSM_FOREIGN'
  | 'DSM_TOO_MANY_SEGMENTS'
  | 'DSM_TOO_MANY_MEMBERS'
  | 'DSM_ALREADY_ATTACHED'
  | 'DSM_ALREADY_PINNED'
  | 'DSM_NOT_PINNED'
  | 'DSM_UNKNOWN_HANDLE'
  | 'DSM_DETACHED'
  | 'DSM_CLOSED'
  | 'DSM_IN_USE'
  | 'DSM_LOCK_TIMEOUT'
  | 'DSM_LOCK_HELD'
  | 'DSM_CORRUPT'
  | 'DSM_REMOVED'
  | 'DSM_DIR_INSECURE'
  | 'DSM_IMPL_MISMATCH'
  | 'DSM_IMPL_MISSING'
  | 'DSM_LAYOUT_MISMATCH'
  | 'DSM_SIZE_MISMATCH'
  | 'DSM_UNSUPPORTED'
  | 'DSM_FENCED'
  | 'DSM_IO'

/** The closed list of verbs of the error sentence (PostgreSQL's, dsm_impl.c, and `lock`). */
export type DsmVerb =
  | 'create'
  | 'open'
  | 'stat'
  | 'resize'
  | 'map'
  | 'unmap'
  | 'remove'
  | 'close'
  | 'lock'

/** What a DsmError tells besides its code and message. */
export interface DsmErrorFields {
  /** What was being done: a public method (`attach`) or a verb of the sentence. */
  readonly op: string
  /** OS name of the segment concerned. */
  readonly segment?: string | undefined
  /** The positive errno of the system call that failed. */
  readonly errno?: number | undefined
  readonly syscall?: string | undefined
  readonly cause?: unknown
}

const MARK = Symbol.for('@dsm/impl.DsmError.v1')

/** A failure of an operation. Compare `code`; messages may change. */
export class DsmError extends Error {
  override readonly name = 'DsmError'
  readonly code: DsmErrorCode
  readonly op: string
  declare readonly segment?: string
  declare readonly errno?: number
  declare readonly syscall?: string

  constructor(code: DsmErrorCode, message: string, fields: DsmErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = code
    this.op = fields.op
    if (fields.segment !== undefined) this.segment = fields.segment
    if (fields.errno !== undefined) this.errno = fields.errno
    if (fields.syscall !== undefined) this.syscall = fields.syscall
    Object.defineProperty(this, MARK, { value: true })
  }

  /** True for a DsmError of any installed copy of this package, where `instanceof` would miss. */
  static isInstance(value: unknown): value is DsmError {
    return typeof value === 'object' && value !== null && MARK in value
  }
}
