/**
 * LockFile: exclusive locks on single bytes of a file (F_OFD_SETLK), held by this open file.
 * The kernel drops them when the process dies, however it dies and whether or not anybody reaps it,
 * when the worker thread that opened the file ends, and on `close()`. Each `LockFile` is an owner
 * of its own, also beside another one of the same process. Bytes need not exist in the file.
 *
 * What it is not: waiting (every call returns at once) and not a sign of being stopped: a stopped
 * process keeps its bytes. A child made by fork() without exec() closes its copy.
 */
import { types } from 'node:util'
import { integerBetween, invalidType, optionsObject, stringMatching } from '@dsm/impl'
import { closedFile, lockFileError, ownByte } from './lock-error.js'
import { CREATE, EXCLUSIVE, native } from './native.js'

/** How a lock file is opened. */
export interface LockFileOptions {
  /** Makes the file, with mode 0600, if it is absent. */
  readonly create?: boolean | undefined
  /** With `create`: DSM_IN_USE if it is there. */
  readonly exclusive?: boolean | undefined
}

/** Offsets end here: those below are exact in a number. */
export const OFFSET_MAX = Number.MAX_SAFE_INTEGER

/** Locks on single bytes of a file, which the kernel drops when their holder dies. */
export class LockFile {
  readonly path: string
  /** True if byte locks work on this file here: tried on it, not read off the platform. */
  readonly supported: boolean
  #file: number

  private constructor(path: string, file: number) {
    this.path = path
    this.#file = file
    this.supported = native.works(file, path)
  }

  /**
   * Opens a regular file of our own that nobody else may read or write, and no symbolic link.
   * @throws DSM_NOT_FOUND, DSM_IN_USE (exclusive), DSM_FOREIGN (another's, a link, no regular
   *   file), DSM_DIR_INSECURE (its mode lets others in), DSM_ACCESS, DSM_NO_MEMORY, DSM_IO
   */
  static open(path: string, options?: LockFileOptions): LockFile {
    stringMatching('path', path, /^[^\0]+$/, 'a path')
    optionsObject('options', options)
    const flags = (options?.create ? CREATE : 0) | (options?.exclusive ? EXCLUSIVE : 0)
    try {
      return new LockFile(path, native.open(path, flags))
    } catch (error) {
      throw lockFileError(error, path)
    }
  }

  /**
   * Takes one byte. False if somebody else has it, be it another `LockFile` of this process.
   * @throws DSM_LOCK_HELD if this one has it; DSM_CLOSED, DSM_UNSUPPORTED, DSM_IO
   */
  take(offset: number): boolean {
    if (this.holds(offset)) throw ownByte(this.path, offset)
    try {
      return native.take(this.#file, offset)
    } catch (error) {
      throw lockFileError(error, this.path)
    }
  }

  /** Gives one byte back; nothing if it is not held. @throws DSM_CLOSED, DSM_IO */
  release(offset: number): void {
    integerBetween('offset', offset, 0, OFFSET_MAX)
    try {
      native.release(this.#open(), offset)
    } catch (error) {
      throw lockFileError(error, this.path)
    }
  }

  /** True if this very `LockFile` holds the byte. No system call. @throws DSM_CLOSED */
  holds(offset: number): boolean {
    integerBetween('offset', offset, 0, OFFSET_MAX)
    return native.owns(this.#open(), offset)
  }

  /**
   * True if anybody holds the byte, this `LockFile` included. (The kernel answers "unlocked" about
   * one's own bytes; here they are known.)
   * @throws DSM_CLOSED, DSM_IO
   */
  probe(offset: number): boolean {
    return this.holds(offset) || this.probeRange(offset, 1)
  }

  /**
   * True if anybody **else** holds a byte of [offset, offset + length): own bytes do not count, so
   * that "am I alone" is one call.
   * @throws DSM_CLOSED, DSM_IO
   */
  probeRange(offset: number, length: number): boolean {
    return this.#firstHeld(offset, length, false) >= 0
  }

  /** The first byte of the range that anybody else holds; null if none. @throws as probeRange */
  firstHeld(offset: number, length: number): number | null {
    const held = this.#firstHeld(offset, length, true)
    return held < 0 ? null : held
  }

  /**
   * Which of many tokens live: bit i of `bits` (bit i % 32 of word i / 32) is set if the byte
   * `tokens[i] - 1` is held by anybody, this `LockFile` included, and cleared if not. A token below
   * 1 is held by nobody. One call of the addon; allocates nothing. Returns how many are held.
   * @throws RangeError if `bits` is too short; DSM_CLOSED, DSM_IO
   */
  heldIn(tokens: Int32Array, bits: Int32Array, count: number = tokens.length): number {
    if (!types.isInt32Array(tokens)) throw invalidType('tokens', 'an Int32Array', tokens)
    if (!types.isInt32Array(bits)) throw invalidType('bits', 'an Int32Array', bits)
    integerBetween('count', count, 0, Math.min(tokens.length, bits.length * 32))
    try {
      return native.heldIn(this.#open(), tokens, count, bits)
    } catch (error) {
      throw lockFileError(error, this.path)
    }
  }

  /** Names the file has; 0 once it is unlinked, and then others may lock another file of its path.
   * @throws DSM_CLOSED, DSM_IO */
  linkCount(): number {
    try {
      return native.linkCount(this.#open())
    } catch (error) {
      throw lockFileError(error, this.path)
    }
  }

  /** Drops every byte and the descriptor. Idempotent. The file stays. */
  close(): void {
    if (this.#file < 0) return
    native.close(this.#file)
    this.#file = -1
  }

  #firstHeld(offset: number, length: number, lowest: boolean): number {
    integerBetween('offset', offset, 0, OFFSET_MAX)
    integerBetween('length', length, 1, OFFSET_MAX)
    try {
      return native.firstHeld(this.#open(), offset, length, lowest)
    } catch (error) {
      throw lockFileError(error, this.path)
    }
  }

  #open(): number {
    if (this.#file >= 0) return this.#file
    throw closedFile(this.path)
  }
}
