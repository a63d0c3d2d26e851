/**
 * The suite's side of a child process: start, ask, kill. Every question has a deadline, and a child
 * that misses it is killed: a mechanism that hangs fails a test and does not stop the suite.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DsmScope } from '../dsm-impl.js'
import type { Answers, ChildStart, Question, Reply, Request, Shortage } from './protocol.js'
import type { Suite } from './suite.js'

const DEADLINE_MS = 20_000

/** The built entry; this package's own tests run the suite from its sources. */
const CHILD = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/conformance-child.js' : './conformance-child.js',
  import.meta.url,
)

/** Node needs some thirty descriptors; blocks are of 512 or 1,024 bytes. */
const LIMITS: Readonly<Record<Shortage, string>> = {
  descriptors: 'ulimit -n 64',
  'file size': 'ulimit -f 128',
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #stderr = ''

  /** Resolves when the child has opened the scope. */
  static async start(suite: Suite, scope: DsmScope, shortage?: Shortage): Promise<Child> {
    const { factory = suite.impl.kind, factoryOptions } = suite.settings
    const child = new Child(shortage)
    const start: ChildStart = {
      module: String(suite.options.module),
      factory,
      factoryOptions,
      scope,
    }
    await child.#send(0, start)
    return child
  }

  private constructor(shortage: Shortage | undefined) {
    const limit = shortage === undefined ? ':' : LIMITS[shortage]
    this.#process = spawn(
      '/bin/sh',
      ['-c', `${limit} && exec "$0" "$1"`, process.execPath, fileURLToPath(CHILD)],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    )
    this.#process.stderr!.setEncoding('utf8').on('data', text => {
      this.#stderr += text
    })
    this.#process.on('message', message => this.#settle(message as Reply))
    this.#process.on('error', error => this.#fail(error.message))
    this.#process.on('exit', (code, signal) => this.#fail(`it ended (${signal ?? code})`))
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** Rejects with an Error whose `code` is that of the child's error, or when time is up. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    const id = ++this.#lastId
    return this.#send(id, { id, question })
  }

  /** SIGKILL; resolves when the child is gone. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  /** The child runs its course to a natural end. */
  async end(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.disconnect()
    const watchdog = setTimeout(() => this.#process.kill('SIGKILL'), DEADLINE_MS)
    await gone
    clearTimeout(watchdog)
  }

  #send<T>(id: number, message: ChildStart | Request): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const watchdog = setTimeout(() => {
        this.#process.kill('SIGKILL')
        this.#fail(`no answer within ${DEADLINE_MS} ms`)
      }, DEADLINE_MS)
      const settled = <V>(then: (value: V) => void) => {
        return (value: V) => {
          clearTimeout(watchdog)
          then(value)
        }
      }
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) })
      this.#process.send(message, error => {
        if (error) this.#fail(error.message)
      })
    })
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('answer' in reply) waiting?.resolve(reply.answer as never)
    else waiting?.reject(Object.assign(new Error(reply.failure.message), reply.failure))
  }

  #fail(why: string): void {
    const message = `the child process ${this.pid} failed: ${why}\n${this.#stderr}`
    for (const { reject } of this.#waiting.values()) reject(new Error(message))
    this.#waiting.clear()
  }
}
