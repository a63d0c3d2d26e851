/**
 * Other campaigns in processes of their own, one after another, while the soak goes on: cuts,
 * faults and nasty scenes, for the same machine and the same directory of groups.
 */
import { spawn } from 'node:child_process'
import { packageFile } from '../../child.js'
import type { Random } from '../../random.js'

const CAMPAIGNS: readonly (readonly string[])[] = [
  ['cuts', '--for', '2'],
  ['faults', '--cycles', '30'],
  ['machine', '--cycles', '1'],
  ['cycles', '--cycles', '50'],
]
const WATCHDOG_MS = 120_000

export class Neighbour {
  readonly problems: string[] = []
  runs = 0
  readonly #random: Random
  #over = false

  constructor(random: Random) {
    this.#random = random
  }

  /** Until `stop`. */
  async live(): Promise<void> {
    for (let next = this.#random.below(CAMPAIGNS.length); !this.#over; next++) {
      await this.#run(CAMPAIGNS[next % CAMPAIGNS.length]!)
    }
  }

  /** The one that is under way comes to its end. */
  stop(): void {
    this.#over = true
  }

  async #run(words: readonly string[]): Promise<void> {
    const command = [...words, '--seed', String(this.#random.fork()), '--impl', 'posix']
    const child = spawn(process.execPath, [packageFile('dist/main.js'), ...command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: WATCHDOG_MS,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const code = await new Promise<number | null>(resolve => child.on('close', resolve))
    this.runs++
    if (code !== 0) this.problems.push(`${command.join(' ')} beside it: ${said.trim()}`)
  }
}
