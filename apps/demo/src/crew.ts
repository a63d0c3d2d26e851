/**
 * The child processes of one task: started together, asked one question at a time each, and ended
 * together whatever happens. It knows nothing of what they do.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Ask, Kind, Reply } from './protocol.js'

const KILL_AFTER_MS = 5_000

export class Crew {
  /** What each child runs; beside this file once both are built. */
  static program = fileURLToPath(new URL('./member.js', import.meta.url))
  /** Of all that were ever started in this run, to recognise what they may have left. */
  static readonly everyPid = new Set<number>([process.pid])

  readonly #children: ChildProcess[]

  private constructor(children: ChildProcess[]) {
    this.#children = children
  }

  /** Runs `task` with `count` children and ends them, also if it throws. */
  static async employ<T>(count: number, task: (crew: Crew) => Promise<T>): Promise<T> {
    const crew = new Crew(Array.from({ length: count }, startChild))
    try {
      return await task(crew)
    } finally {
      await crew.#end()
    }
  }

  get size(): number {
    return this.#children.length
  }

  get pids(): number[] {
    return this.#children.map(child => child.pid!)
  }

  /** @throws if the child answers with a failure, or ends without an answer */
  ask<K extends Kind>(index: number, kind: K, ask: Ask<K>): Promise<Answer<K>> {
    const child = this.#children[index]!
    return new Promise((resolve, reject) => {
      const done = () => {
        child.off('message', onReply)
        child.off('exit', onExit)
        child.off('error', onError)
      }
      const onReply = (reply: Reply) => {
        done()
        if ('failure' in reply) reject(new Error(`member ${index} (${kind}): ${reply.failure}`))
        else resolve(reply.answer as Answer<K>)
      }
      const onExit = (code: number | null, signal: string | null) => {
        done()
        reject(new Error(`member ${index} (${kind}): its process ended (${signal ?? code})`))
      }
      const onError = (error: Error) => {
        done()
        reject(new Error(`member ${index} (${kind}): ${error.message}`))
      }
      child.on('message', onReply).on('exit', onExit).on('error', onError)
      child.send({ kind, ...ask }, error => error && onError(error))
    })
  }

  /** All at once. */
  askAll<K extends Kind>(kind: K, askOf: (index: number) => Ask<K>): Promise<Answer<K>[]> {
    return Promise.all(this.#children.map((_, index) => this.ask(index, kind, askOf(index))))
  }

  /** SIGKILL: it can do nothing about it. Resolves once the process is gone. */
  async kill(index: number): Promise<void> {
    const child = this.#children[index]!
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Hanging up is all it takes; who does not go is killed. */
  async #end(): Promise<void> {
    await Promise.all(
      this.#children.map(async child => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = once(child, 'exit')
        const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
        if (child.connected) child.disconnect()
        await gone
        clearTimeout(killer)
      }),
    )
  }
}

function startChild(): ChildProcess {
  const child = fork(Crew.program, { serialization: 'advanced', execArgv: [] })
  if (child.pid !== undefined) Crew.everyPid.add(child.pid)
  return child
}
