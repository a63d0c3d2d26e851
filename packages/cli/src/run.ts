/**
 * The command line: which command, with which options. Exit codes: 0, 1 (something is wrong, or a
 * command failed), 2 (it was called wrongly). A command returns 0 or 1; misuse is thrown.
 */
import { createRequire } from 'node:module'
import { DsmError } from '@dsm/impl'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { clean } from './commands/clean.js'
import { doctor } from './commands/doctor.js'
import { inspect } from './commands/inspect.js'
import { ls } from './commands/ls.js'
import { pg } from './commands/pg.js'
import { top } from './commands/top.js'
import type { Console } from './console.js'
import { jsonText } from './report.js'

/** What a command is called with wrongly. */
class Usage extends Error {}

const HELP = `
A group is named as in openDsm({ name }), or by its directory, with a slash in it.
Exit code 0: all is well; 1: something is wrong, or the command failed; 2: called wrongly.`

/** The whole command; gives its exit code. */
export async function run(args: readonly string[], out: Console): Promise<number> {
  let code = 0
  const program = commandLine(out, result => {
    code = result
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return failure(error, args, out)
  }
}

function failure(error: unknown, args: readonly string[], out: Console): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Usage) {
    out.complain(`error: ${error.message}\n`)
    return 2
  }
  const { message } = error as Error
  const code = DsmError.isInstance(error) ? error.code : ((error as { code?: string }).code ?? null)
  if (args.includes('--json')) out.write(jsonText({ error: { code, message } }))
  else out.complain(`dsm: ${message}${code === null ? '' : ` (${code})`}\n`)
  return 1
}

/** Bad names of groups are found out below, as RangeErrors of ours. */
async function called(work: () => number | Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const misuse = error instanceof RangeError || error instanceof TypeError
    if (misuse && 'code' in error) throw new Usage(error.message)
    throw error
  }
}

function commandLine(out: Console, done: (code: number) => void): Command {
  const program = new Command('dsm')
  const action =
    <A extends unknown[]>(command: (...args: A) => number | Promise<number>) =>
    async (...args: A) =>
      done(await called(() => command(...args)))
  program
    .description('See, check and clean the shared memory of dsm groups')
    .version(version(), '-V, --version')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      writeOut: text => out.write(text),
      writeErr: text => out.complain(text),
      getOutHelpWidth: () => Math.min(out.columns, 100),
    })
  groupCommands(program, out, action)
  program
    .command('doctor')
    .description('what of this machine will bite, and how to mend it')
    .option('--json', 'as JSON')
    .action(action(options => doctor(out, options)))
  program
    .command('pg')
    .description("a PostgreSQL server's dynamic shared memory (versions 14 to 18), read only")
    .argument('<datadir>', 'its data directory')
    .option('--json', 'as JSON')
    .action(action((datadir, options) => pg(out, datadir, options)))
  return program
}

// biome-ignore-start lint/suspicious/noExplicitAny: commander gives what each command has declared
type Action = (
  command: (...args: any[]) => number | Promise<number>,
) => (...args: any[]) => Promise<void>
// biome-ignore-end lint/suspicious/noExplicitAny: so far

function groupCommands(program: Command, out: Console, action: Action): void {
  program
    .command('ls')
    .description('the groups; with names of groups, their segments')
    .argument('[groups...]', 'only these')
    .option('--json', 'as JSON')
    .action(action((groups, options) => ls(out, groups, options)))
  program
    .command('inspect')
    .description('a group: members, slots, references, page map; or the bytes of one segment')
    .argument('<group>')
    .argument('[handle]', 'a segment, by its handle or a name', undefined)
    .option('--html <file>', 'write it as a page to look at')
    .option('--svg <file>', 'write the drawing of that page alone')
    .option('--offset <bytes>', 'where the bytes begin', bytes, 0)
    .option('--length <bytes>', 'how many bytes', bytes, 256)
    .option('--json', 'as JSON')
    .action(action((group, handle, options) => inspect(out, group, handle, options)))
  program
    .command('top')
    .description('what goes on, live; q ends it')
    .argument('[groups...]', 'only these')
    .option('--once', 'one look; so it is where the output is no terminal')
    .option('--interval <seconds>', 'between two looks', seconds, 1)
    .option('--json', 'one look, as JSON')
    .action(action((groups, options) => top(out, groups, options)))
  program
    .command('clean')
    .description('remove what dead groups left: what is provably dead, and ours')
    .argument('[groups...]', 'only these')
    .option('--dry-run', 'say what would be removed')
    .option('--json', 'as JSON')
    .action(action((groups, options) => clean(out, groups, options)))
}

function bytes(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('a whole number, 0 or more.')
}

function seconds(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= 3600) return value
  throw new InvalidArgumentError('0.1 to 3600.')
}

const version = (): string =>
  (createRequire(import.meta.url)('../package.json') as { version: string }).version
