/**
 * Calls of this process made to fail by strace's injection, in the kernel's place and not in
 * libc's: beside the shim, as it needs no list of libc's functions. strace is started for each
 * action, attaches to this process, and lets go of it after. Only calls that Node does not make
 * meanwhile for itself, and only what is done on this thread.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { errorOf, type Fault, type Sabotaged, type Saboteur } from './saboteur.js'

/** Those that are made only for us, and what libc calls them. */
const CALLS: Readonly<Record<string, string>> = {
  openat: 'openat',
  statx: 'statx',
  fcntl: 'fcntl',
  fallocate: 'posix_fallocate',
  ftruncate: 'ftruncate',
  mremap: 'mremap',
  mkdir: 'mkdir',
  mkdirat: 'mkdirat',
  chmod: 'chmod',
  rename: 'rename',
  unlink: 'unlink',
  unlinkat: 'unlinkat',
  rmdir: 'rmdir',
  shmget: 'shmget',
  shmat: 'shmat',
  shmctl: 'shmctl',
}
const WATCHDOG_MS = 60_000
const ATTACHES_TO_PARENT =
  'strace -qq -o /dev/null -p $$ 2>/dev/null & sleep 0.5; kill -INT $! 2>/dev/null'

/** Null if it can be used here: tried, as a container may have it and forbid what it does. */
export function whyNoStrace(): string | null {
  return spawnSync('sh', ['-c', ATTACHES_TO_PARENT]).status === 0 ? null : 'needs strace'
}

/** As errors.ts knows it. */
export const libcName = (call: string): string => CALLS[call] ?? call

export class Strace implements Saboteur {
  readonly #output: string

  /** @param output a file of its own */
  constructor(output: string) {
    this.#output = output
  }

  async during(fault: Fault | null, act: () => unknown): Promise<Sabotaged> {
    const trace = fault === null ? Object.keys(CALLS).join(',') : fault.call
    const words = ['-e', `trace=${trace}`]
    if (fault !== null) {
      words.push('-e', `inject=${fault.call}:error=${fault.error.name}:when=${fault.nth}`)
    }
    const release = await this.#attach(words)
    const error = await errorOf(act)
    await release()
    const lines = readFileSync(this.#output, 'utf8').split('\n')
    return { error, fired: lines.some(line => line.includes('(INJECTED)')), uses: usesIn(lines) }
  }

  async #attach(words: readonly string[]): Promise<() => Promise<void>> {
    const args = ['-p', String(process.pid), '-o', this.#output, ...words]
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    const strace = spawn('strace', args, { stdio: [...stdio], timeout: WATCHDOG_MS })
    const ended = once(strace, 'close')
    let said = ''
    await new Promise<void>((resolve, reject) => {
      strace.stderr?.on('data', chunk => {
        said += chunk
        if (said.includes('attached')) resolve()
      })
      void ended.then(() => reject(new Error(`strace ended: ${said}`)))
    })
    return async () => {
      strace.kill('SIGINT')
      await ended
    }
  }
}

function usesIn(lines: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const line of lines) {
    const call = /^(\w+)\(/.exec(line)?.[1]
    if (call !== undefined) uses.set(call, (uses.get(call) ?? 0) + 1)
  }
  return uses
}
