/**
 * Commands as a user runs them: a home of their own with nothing in it but what `.npmrc` says, and
 * none of the variables that an outer npm or pnpm sets. Each has a watchdog.
 */
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs?: number
}

/** This process's variables, without those of package managers, and without anybody's rights. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const outer =
    /^(npm_|pnpm_|NPM_|PNPM_|NODE_(PATH|ENV|AUTH)|XDG_|VITEST|INIT_CWD|FORCE_COLOR|TURBO_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
}

/** The variables of a user who lives in `home`, and finds commands in `paths` first. */
export function userEnvironment(home: string, paths: readonly string[]): NodeJS.ProcessEnv {
  const own = ownEnvironment()
  const path = [...paths, ...(own.PATH ?? '').split(delimiter)].join(delimiter)
  return { ...own, HOME: home, PATH: path, CI: '1', NO_COLOR: '1' }
}

/** Runs to the end, whatever the end. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env, timeoutMs = 120_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', chunk => (output.stdout += chunk))
    child.stderr.on('data', chunk => (output.stderr += chunk))
    const watchdog = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(watchdog)
      resolve({ code, ...output })
    })
  })
}

/** Runs what has to succeed, and gives what it printed. */
export async function succeed(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
}
