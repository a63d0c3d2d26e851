/**
 * Runs a command where it can leave nothing: with a /dev/shm, System V segments, pids and temporary
 * files of its own. A library with a bug leaks, loops and forgets its children; all of that ends
 * with the namespace, whose first process is killed when the time is up.
 */
import { spawn, spawnSync } from 'node:child_process'

/** The shell stays, as process 1, which nothing but its parent can kill. */
const SCRIPT = 'mount -t tmpfs tmpfs /dev/shm && "$@"; exit $?'
const NAMESPACES = ['--mount', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
const within = (command: readonly string[]): string[] => [
  ...NAMESPACES,
  ...['sh', '-c', SCRIPT, 'sh'],
  ...command,
]

let missing: string | null | undefined

/** What this machine lacks for it; null: nothing. */
export function needs(): string | null {
  if (missing === undefined) {
    const works = spawnSync('unshare', within(['true'])).status === 0
    missing = works ? null : 'needs root and unshare(1)'
  }
  return missing
}

export interface Run {
  /** null: it was killed when its time was up. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function runWithin(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  milliseconds: number,
): Promise<Run> {
  const child = spawn('unshare', within(command), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text
    })
  }
  const onExit = () => child.kill('SIGKILL')
  process.on('exit', onExit)
  const watchdog = setTimeout(() => child.kill('SIGKILL'), milliseconds)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearTimeout(watchdog)
  process.off('exit', onExit)
  return { code, ...texts }
}
