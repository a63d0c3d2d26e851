/**
 * What an opening or a leaving has open while it is under way, so that one which is cut (a `vm`
 * timeout stops JavaScript, and no `finally` runs) does not keep byte 0, or a member's byte, for as
 * long as the process lives. Such operations are synchronous: one that is still unfinished when the
 * event loop turns, or when another one begins in the same group, was cut, and is undone.
 * Those that wait between turns of the event loop end by their promise, and are left alone.
 */

/** How an operation waits: on the spot, or between turns of the event loop. */
export type Turn = 'sync' | 'async'

export class Unfinished {
  static readonly #underWay = new Set<Unfinished>()

  readonly #group: string
  readonly #turn: Turn
  readonly #undo: (() => void)[] = []

  private constructor(group: string, turn: Turn) {
    this.#group = group
    this.#turn = turn
  }

  /** @param group path of the group's directory; no operation on it begins within another. */
  static begin(group: string, turn: Turn): Unfinished {
    for (const other of Unfinished.#underWay) {
      if (other.#turn === 'sync' && other.#group === group) other.#undoAll()
    }
    const begun = new Unfinished(group, turn)
    Unfinished.#underWay.add(begun)
    if (turn === 'sync') setImmediate(() => begun.#undoAll()).unref()
    return begun
  }

  /** Something was opened; `undo` closes it, and does no harm if that was done already. */
  opened(undo: () => void): void {
    this.#undo.push(undo)
  }

  /** Came to its end, well or badly, and closed what it had to close. */
  end(): void {
    Unfinished.#underWay.delete(this)
    this.#undo.length = 0
  }

  /** It threw, perhaps for want of stack to undo it now; a synchronous one is undone anyway. */
  undoSoon(): void {
    if (this.#turn === 'async') setImmediate(() => this.#undoAll())
  }

  /** What throws, for want of stack say, is done again when the event loop turns. */
  #undoAll(): void {
    Unfinished.#underWay.delete(this)
    while (this.#undo.length > 0) {
      this.#undo.at(-1)?.()
      this.#undo.pop()
    }
  }
}
