/**
 * A child process that is talked to by messages, one at a time: a contender, or another process
 * that a contender needs. It ends when it is let go of, or when its parent is gone.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { programFile } from './programs.js'

/** Of the longest there is: a thousand takeovers from holders of 1 GiB, on a busy machine. */
const WATCHDOG_MS = 3_600_000

export interface CompanionOptions {
  /** As `fork`: structured clones instead of JSON. */
  readonly advanced?: boolean
}

export class Companion {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #unread: unknown[] = []
  #wake: () => void = () => undefined
  /** How the child ended; null: it runs. */
  #end: string | null = null
  #errors = ''

  /** @param program of dist/ */
  constructor(program: string, words: readonly string[], options: CompanionOptions = {}) {
    this.#child = fork(programFile(program), words, {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      serialization: options.advanced ? 'advanced' : 'json',
      timeout: WATCHDOG_MS,
      killSignal: 'SIGKILL',
    })
    this.#child.stderr?.on('data', chunk => {
      this.#errors += chunk
    })
    this.#child.on('message', message => {
      this.#unread.push(message)
      this.#wake()
    })
    // Not 'close', which does not come where the parent has disconnected.
    const drained = once(this.#child.stderr!, 'close')
    this.#ended = once(this.#child, 'exit').then(async ([code, signal]) => {
      await drained
      this.#end = signal === null ? `ended with code ${code}` : `died of ${signal}`
      this.#wake()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The next message, which may have come already; rejects if the child ends first. */
  async next(): Promise<unknown> {
    for (;;) {
      if (this.#unread.length > 0) return this.#unread.shift()
      if (this.#end !== null) throw new Error(`${this.#end}: ${reasonIn(this.#errors)}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  send(message: unknown): void {
    if (this.#end === null) this.#child.send(message as object, () => undefined) // seen in `next`
  }

  ask(message: unknown): Promise<unknown> {
    this.send(message)
    return this.next()
  }

  /** It may finish what it does. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }

  /** SIGKILL now; settles when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** The sentence of an uncaught error, without where it was thrown. */
function reasonIn(errors: string): string {
  const lines = errors.split('\n').filter(line => line.trim() !== '')
  return lines.find(line => /^\w*Error\b.*:/.test(line)) ?? lines[0] ?? 'it said nothing'
}
