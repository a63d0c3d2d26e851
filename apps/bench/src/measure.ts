/**
 * Two contenders in turn: A B A B. A machine that slows down or speeds up on the way does so for
 * both, so the ratio of neighbours holds where the figures themselves do not.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Assignment } from './contender-child.js'
import { programFile } from './group.js'
import { median, spread } from './statistics.js'
import type { Backend, Length, Trial } from './trial.js'

const WATCHDOG_MS = 300_000

export interface Side {
  readonly name: string
  /** ns for one repetition of the work */
  readonly median: number
  /** Half the distance between the quartiles, over the median. */
  readonly spread: number
  readonly samples: number
}

export interface Row {
  readonly trial: string
  readonly backend: Backend
  readonly what: string
  /** Ours over theirs: the median over neighbouring turns. */
  readonly ratio: number
  readonly goal: number
  readonly met: boolean
  readonly sides: readonly [Side, Side]
}

class Contestant {
  readonly samples: number[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #unread: unknown[] = []
  #wake: () => void = () => undefined
  /** How the child ended; null: it runs. */
  #end: string | null = null
  #errors = ''

  constructor(assignment: Assignment) {
    this.#child = fork(programFile('contender-child'), [JSON.stringify(assignment)], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
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
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      this.#end = `code ${code}, signal ${signal}`
      this.#wake()
    })
  }

  /** Joined, made and warmed up. */
  ready(): Promise<unknown> {
    return this.#answer()
  }

  /** The median of one turn. */
  async turn(): Promise<number> {
    const answer = this.#answer()
    this.#child.send('turn')
    const samples = (await answer) as number[]
    this.samples.push(...samples)
    return median(samples)
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }

  /** The next message, which may have come already; rejects if the child ends first. */
  async #answer(): Promise<unknown> {
    for (;;) {
      if (this.#unread.length > 0) return this.#unread.shift()
      if (this.#end !== null) throw new Error(`a contender ended (${this.#end}): ${this.#errors}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

export async function measure(trial: Trial, backend: Backend, length: Length): Promise<Row> {
  const assign = (contender: 0 | 1): Contestant =>
    new Contestant({ trial: trial.name, contender, backend, length })
  const [ours, theirs] = [assign(0), assign(1)]
  const ratios: number[] = []
  try {
    await ours.ready()
    await theirs.ready()
    for (let turn = 0; turn < length.turns; turn++) {
      const our = await ours.turn()
      ratios.push(our / (await theirs.turn()))
    }
  } finally {
    await ours.close()
    await theirs.close()
  }
  const ratio = median(ratios)
  const { name, what, goal, contenders } = trial
  const side = (index: 0 | 1, samples: readonly number[]): Side => ({
    name: contenders[index].name,
    median: median(samples),
    spread: spread(samples),
    samples: samples.length,
  })
  const sides = [side(0, ours.samples), side(1, theirs.samples)] as const
  return { trial: name, backend, what, ratio, goal, met: ratio <= goal, sides }
}
