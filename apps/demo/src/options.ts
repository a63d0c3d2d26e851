/**
 * The command line. What cannot be is refused here, in a sentence, before anything is made.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export const BACKENDS = ['posix', 'sysv', 'mmap'] as const
export type Backend = (typeof BACKENDS)[number]

export interface DemoOptions {
  /** Absolute; a relative one was meant from where npm was started. Null: installed sources. */
  readonly file: string | null
  readonly memberCount: number
  readonly backends: readonly Backend[]
  /** Whether one member is to be killed halfway, in a count of its own. */
  readonly kill: boolean
}

/** The user asked for something that cannot be; exit code 2. */
export class UsageError extends Error {}

export const USAGE = `usage: npm start -- [--file <path>] [--members <n>] [--impl <name>]
                   [--no-kill]

  --file     the text whose words are counted; default: installed source text, 64 MiB or more
  --members  how many processes share the counting, 1 to 60; default: one for each processor, 4 to 8
  --impl     posix, sysv or mmap; default: each of the three in turn
  --no-kill  kill nobody`

const MEMBER_COUNT_MAX = 60

/** @throws UsageError; null: help was asked for */
export function parseOptions(args: readonly string[]): DemoOptions | null {
  const { file, members, impl, help, 'no-kill': noKill } = parse(args)
  if (help === true) return null
  return {
    file: file === undefined ? null : resolve(process.env.INIT_CWD ?? '', file),
    memberCount: members === undefined ? defaultMemberCount() : parseMemberCount(members),
    backends: impl === undefined ? BACKENDS : [parseBackend(impl)],
    kill: noKill !== true,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: 'string' },
        members: { type: 'string' },
        impl: { type: 'string' },
        'no-kill': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const defaultMemberCount = (): number => Math.max(4, Math.min(8, availableParallelism()))

function parseMemberCount(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= MEMBER_COUNT_MAX) return count
  throw new UsageError(
    `--members is to be a whole number from 1 to ${MEMBER_COUNT_MAX}, and is "${text}"`,
  )
}

function parseBackend(text: string): Backend {
  const backend = BACKENDS.find(name => name === text)
  if (backend !== undefined) return backend
  throw new UsageError(`--impl is to be one of ${BACKENDS.join(', ')}, and is "${text}"`)
}
