/**
 * A child that writes into a file what it is about to do, so that whoever finds it hung or dead can
 * say at what. It is killed if it stays at one thing for too long; one that is slow goes on to
 * others. What it says in the end is its one message.
 */
import { readFileSync } from 'node:fs'
import { Child } from './child.js'

const LOOK_MS = 250
const WATCHDOG_MS = 24 * 3600 * 1000

export interface Watched {
  readonly program: string
  readonly options: { readonly progress: string }
  readonly env?: Readonly<Record<string, string>>
  readonly hungAfterMs: number
}

/** `at`: what it was about to do; `how` it ended. */
export interface Lost {
  readonly at: string
  readonly how: string
}

function noted(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return 'nothing yet'
  }
}

export async function watch<T extends object>(watched: Watched): Promise<T | Lost> {
  const { program, options, env = {}, hungAfterMs } = watched
  const args = [JSON.stringify(options)]
  const child = new Child(program, { args, env, watchdogMs: WATCHDOG_MS })
  let [at, since, hung] = ['', performance.now(), false]
  const timer = setInterval(() => {
    const now = noted(options.progress)
    if (now !== at) [at, since] = [now, performance.now()]
    hung ||= performance.now() - since > hungAfterMs
    if (hung) child.kill()
  }, LOOK_MS)
  try {
    return await child.message<T>()
  } catch (error) {
    return { at: noted(options.progress), how: hung ? 'hung' : (error as Error).message }
  } finally {
    await child.ended
    clearInterval(timer)
  }
}

export const isLost = (result: object): result is Lost => 'how' in result
