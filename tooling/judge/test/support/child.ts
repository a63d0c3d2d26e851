/**
 * The tests' end of a child that does what it is told: one message per operation, one reply. It
 * ends when the channel does, by a watchdog of its own, and at the latest by this one's.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly code?: string; readonly message: string }
}

const WATCHDOG_MS = 150_000

export class Child {
  readonly pid: number
  readonly ended: Promise<string | null>
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (reply: Reply | null) => void>()
  #calls = 0
  #gone = false

  constructor(script: URL, settings: object) {
    const words = [fileURLToPath(script), JSON.stringify(settings)]
    this.#process = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      serialization: 'advanced',
      timeout: WATCHDOG_MS,
      killSignal: 'SIGKILL',
    })
    this.pid = this.#process.pid!
    this.#process.on('message', message => {
      const reply = message as Reply
      this.#waiting.get(reply.id)?.(reply)
      this.#waiting.delete(reply.id)
    })
    this.ended = new Promise(resolve => {
      this.#process.on('exit', (_code, signal) => {
        this.#gone = true
        for (const settle of this.#waiting.values()) settle(null)
        resolve(signal)
      })
    })
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the child replies is known to the test
  async call<T = any>(op: string, ...args: unknown[]): Promise<T> {
    const reply = this.#gone ? null : await this.#exchange(op, args)
    if (reply === null) throw new Error(`${op}: the child ended before it replied`)
    if (reply.error) throw Object.assign(new Error(reply.error.message), reply.error)
    return reply.value as T
  }

  #exchange(op: string, args: unknown[]): Promise<Reply | null> {
    const id = ++this.#calls
    return new Promise(resolve => {
      this.#waiting.set(id, resolve)
      this.#process.send({ id, op, args }, () => {})
    })
  }

  /** Starts something in which it falls silent: alive for all others, it does nothing more. */
  async fallsSilentIn(op: string, ...args: unknown[]): Promise<void> {
    const silent = new Promise(resolve => this.#process.stdout!.once('data', resolve))
    const reply = await Promise.race([silent, this.#exchange(op, args)])
    if (!Buffer.isBuffer(reply)) throw new Error(`${op}: it did not fall silent`)
  }

  /** True if it was killed in the middle; false if it replied. */
  async diesIn(op: string, ...args: unknown[]): Promise<boolean> {
    return this.#gone || (await this.#exchange(op, args)) === null
  }

  async kill(): Promise<void> {
    if (!this.#gone) this.#process.kill('SIGKILL')
    await this.ended
  }
}
