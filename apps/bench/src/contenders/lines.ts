/** A program that is asked by a line and answers by one: psql, Python. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export class LineProgram {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor(command: string, words: readonly string[]) {
    this.#child = spawn(command, words, { stdio: 'pipe' })
    const noted = (said: unknown): void => {
      this.#errors += String(said)
    }
    this.#child.on('error', noted)
    this.#child.stdin?.on('error', noted)
    this.#child.stderr?.on('data', noted)
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  async next(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(this.#errors.trim().split('\n').at(-1) || 'it ended')
    return value
  }

  ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`)
    return this.next()
  }

  /** It ends by itself when there is no more to read. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}
