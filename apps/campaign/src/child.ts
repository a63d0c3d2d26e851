/**
 * Child processes of a campaign. Each has a watchdog: it is killed when its time is up, and ends by
 * itself when its parent is gone. A child that ends in a way nobody asked for is a problem, which
 * is for the campaign to say.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** From src/ and from dist/ alike: the programs are built. */
const PACKAGE = new URL('../', import.meta.url)

/** Something built of this package. */
export const packageFile = (path: string): string => fileURLToPath(new URL(path, PACKAGE))

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildOptions {
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
  /** What Node is started by, with its words: `unshare --pid --fork`. */
  readonly command?: readonly string[]
  /** Path of another Node. */
  readonly node?: string
  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>
  /** After this the child is killed. */
  readonly watchdogMs: number
}

export class Child {
  readonly process: ChildProcess
  readonly ended: Promise<Ending>
  readonly stderr: string[] = []
  readonly #unread: unknown[] = []
  #reader: ((message: unknown) => void) | null = null
  #onEnd: ((error: Error) => void) | null = null

  constructor(program: string, options: ChildOptions) {
    const { args = [], nodeArgs = [], command = [], node = process.execPath, env = {} } = options
    const words = [...command, node, ...nodeArgs]
    const { watchdogMs } = options
    this.process = fork(packageFile(`dist/${program}.js`), args, {
      env: { ...process.env, ...env },
      execPath: words[0] ?? node,
      execArgv: words.slice(1),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      timeout: watchdogMs,
      killSignal: 'SIGKILL',
    })
    this.process.stderr?.on('data', chunk => this.stderr.push(String(chunk)))
    this.process.on('message', message => {
      if (this.#reader === null) this.#unread.push(message)
      else this.#reader(message)
    })
    this.ended = once(this.process, 'close').then(([code, signal]) => {
      const words = `child ended (code ${code}, signal ${signal}): ${this.stderr.join('')}`
      this.#onEnd?.(new Error(words))
      return { code, signal }
    })
  }

  get pid(): number {
    return this.process.pid ?? -1
  }

  send(message: unknown): void {
    // A child that was killed meanwhile cannot be told; its end is seen elsewhere.
    this.process.send(message as object, () => {})
  }

  /** The next message; rejects if the child ends first. */
  async message<T>(): Promise<T> {
    if (this.#unread.length > 0) return this.#unread.shift() as T
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#reader = resolve as (message: unknown) => void
        this.#onEnd = reject
      })
    } finally {
      this.#reader = null
      this.#onEnd = null
    }
  }

  kill(): void {
    this.process.kill('SIGKILL')
  }
}

/** In a child: its options, and the promise to end with its parent. */
export function childOptions<T>(): T {
  process.on('disconnect', () => process.exit(9))
  return JSON.parse(process.argv[2] ?? '{}') as T
}
