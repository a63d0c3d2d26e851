/**
 * A directory with shared memory, a member file and a lock file, and the child processes that use
 * it. Everything ends with the test that made it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  byteOf,
  byteOracle,
  type DeathOracle,
  describeProcess,
  LockFile,
  LWLock,
  memberOf,
  predecessorOf,
  tokenOf,
} from '../src/index.js'

export const LOCK = 0
export const COUNTER = 16
export const SIGNAL = 32
const PIDS = 512
const PREFIX = 'dsm-lwlock-test-'

export type Mode = 'word' | 'file'

interface Addon {
  map(path: string, size: number): ArrayBuffer
  forkWithoutExec(): number
}

export const addon: Addon = createRequire(import.meta.url)(
  './addon/build/Release/lwlock-test-addon.node',
)

const places = ['/dev/shm', tmpdir()]

/** What tests of this package have left in the usual places. */
export function leftovers(): string[] {
  return places.flatMap(place => {
    try {
      return readdirSync(place).filter(name => name.startsWith(PREFIX))
    } catch {
      return []
    }
  })
}

function makeDirectory(): string {
  try {
    return mkdtempSync(join('/dev/shm', PREFIX))
  } catch {
    return mkdtempSync(join(tmpdir(), PREFIX))
  }
}

export interface Settings {
  readonly role: string
  readonly member: number
  readonly generation?: number
  readonly mode?: Mode
  readonly [extra: string]: unknown
}

export class Arena implements Disposable {
  readonly dir = makeDirectory()
  readonly words: Int32Array
  readonly members: LockFile
  readonly #children: Child[] = []
  readonly #files: LockFile[] = []

  constructor() {
    writeFileSync(join(this.dir, 'memory'), new Uint8Array(4096), { mode: 0o600 })
    this.words = new Int32Array(this.mapAgain())
    this.members = this.open('members')
    this.open('lock')
  }

  /** Another mapping of the same memory. */
  mapAgain(): ArrayBuffer {
    return addon.map(join(this.dir, 'memory'), 4096)
  }

  open(name: string): LockFile {
    const file = LockFile.open(join(this.dir, name), { create: true })
    this.#files.push(file)
    return file
  }

  /** This process as a member; its earlier generation in that place has ended. */
  oracle(member: number, generation = 1): DeathOracle {
    const token = tokenOf(member, generation)
    this.members.release(byteOf(predecessorOf(token)))
    if (!this.members.take(byteOf(token))) throw new Error('the byte is held')
    this.words[PIDS + member] = process.pid
    return byteOracle(this.members, token, other =>
      describeProcess(this.words[PIDS + memberOf(other)]!),
    )
  }

  lock(mode: Mode, oracle: DeathOracle): LWLock {
    const file = mode === 'file' ? this.open('lock') : undefined
    return new LWLock(this.words, LOCK, oracle, { file })
  }

  child(settings: Settings, before: string[] = []): Child {
    const all = JSON.stringify({ dir: this.dir, generation: 1, mode: 'word', ...settings })
    const script = join(import.meta.dirname, 'children', 'member.mjs')
    const [command, ...args] = [...before, process.execPath, script, all]
    // unshare complains about a signal mask; whatever else goes wrong shows as a silent child.
    const errors = command === 'unshare' ? 'ignore' : 'inherit'
    const child = new Child(spawn(command!, args, { stdio: ['ignore', 'ignore', errors, 'ipc'] }))
    this.#children.push(child)
    return child
  }

  /** Lets children at `waitForSignal(value)` go on. */
  signal(value: number): void {
    Atomics.store(this.words, SIGNAL, value)
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const file of this.#files) file.close()
    rmSync(this.dir, { recursive: true })
  }
}

/** A child process and what it says. */
export class Child {
  readonly #process: ChildProcess
  readonly #messages: unknown[] = []
  #wakeUp = () => {}
  #exited = false
  readonly exited: Promise<void>

  constructor(process: ChildProcess) {
    this.#process = process
    process.on('message', message => {
      this.#messages.push(message)
      this.#wakeUp()
    })
    this.exited = new Promise(resolve => {
      process.on('exit', () => {
        this.#exited = true
        this.#wakeUp()
        resolve()
      })
    })
  }

  get pid(): number {
    return this.#process.pid!
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#exited) this.#process.kill(signal)
  }

  /** The next thing that it says. */
  async message(): Promise<unknown> {
    while (this.#messages.length === 0) {
      if (this.#exited) throw new Error('the child ended without a word')
      await new Promise<void>(resolve => {
        this.#wakeUp = resolve
      })
    }
    return this.#messages.shift()
  }

  async result(): Promise<Record<string, unknown>> {
    for (;;) {
      const message = await this.message()
      if (typeof message === 'object' && message !== null && 'result' in message) {
        await this.exited
        return message.result as Record<string, unknown>
      }
    }
  }
}
