/**
 * The tests' end of a member in another process or worker thread (`children/member.mjs`): one
 * message per operation, one reply. It ends with its test, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

export type Where = 'process' | 'worker'

interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string }
}

/** The other side ended before it replied. */
export class Ended extends Error {
  override readonly name = 'Ended'
}

const SCRIPT = join(import.meta.dirname, '..', 'children', 'member.mjs')

export class Member {
  /** -1 for a worker. */
  readonly pid: number
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  readonly #post: (message: unknown) => void
  readonly #kill: (signal: NodeJS.Signals) => void
  readonly #waiting = new Map<number, (reply: Reply | null) => void>()
  #calls = 0
  #gone = false

  constructor(where: Where, before: string[]) {
    const side = where === 'process' ? childProcess(before) : workerThread()
    this.pid = side.pid
    this.#post = side.post
    this.#kill = side.kill
    side.onReply(reply => {
      this.#waiting.get(reply.id)?.(reply)
      this.#waiting.delete(reply.id)
    })
    this.ended = side.ended.then(end => {
      this.#gone = true
      for (const settle of this.#waiting.values()) settle(null)
      this.#waiting.clear()
      return end
    })
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the child replies is known to the test
  async call<T = any>(op: string, ...args: unknown[]): Promise<T> {
    if (this.#gone) throw new Ended(op)
    const id = ++this.#calls
    const reply = await new Promise<Reply | null>(resolve => {
      this.#waiting.set(id, resolve)
      this.#post({ id, op, args })
    })
    if (reply === null) throw new Ended(op)
    if (reply.error) throw Object.assign(new Error(reply.error.message), reply.error)
    return reply.value as T
  }

  /** False if the other side was killed during the operation; other errors pass through. */
  async survives(op: string, ...args: unknown[]): Promise<boolean> {
    try {
      await this.call(op, ...args)
      return true
    } catch (error) {
      if (error instanceof Ended) return false
      throw error
    }
  }

  /** Starts something whose end nobody waits for, or that ends the process. */
  cast(op: string, ...args: unknown[]): void {
    this.#post({ id: 0, op, args })
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#gone) this.#kill(signal)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }
}

interface Side {
  readonly pid: number
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  post(message: unknown): void
  kill(signal: NodeJS.Signals): void
  onReply(listener: (reply: Reply) => void): void
}

/** Killed by its own watchdog, by the end of its channel, and at the latest by this timeout. */
const WATCHDOG_MS = 60_000

function childProcess(before: string[]): Side {
  const [command, ...args] = [...before, process.execPath, SCRIPT]
  const child: ChildProcess = spawn(command!, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: WATCHDOG_MS,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr!.on('data', bytes => {
    said += bytes
  })
  child.stderr!.on('end', () => {
    if (!said.includes('on purpose')) process.stderr.write(said)
  })
  return {
    pid: child.pid!,
    ended: new Promise(resolve => {
      child.on('exit', (code, signal) => resolve({ code, signal }))
    }),
    post: message => child.send(message as object, () => {}),
    kill: signal => child.kill(signal),
    onReply: listener => child.on('message', message => listener(message as Reply)),
  }
}

function workerThread(): Side {
  const worker = new Worker(SCRIPT)
  worker.on('error', () => {}) // ended, which is what tests look at
  return {
    pid: -1,
    ended: new Promise(resolve => {
      worker.on('exit', exitCode => resolve({ code: exitCode, signal: null }))
    }),
    post: message => worker.postMessage(message),
    kill: () => void worker.terminate(),
    onReply: listener => worker.on('message', message => listener(message as Reply)),
  }
}
