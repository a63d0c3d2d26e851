/**
 * Where a command writes: the one place that knows of the terminal. Colour and live updates are for
 * terminals; everything else gets plain text, in lines as long as they have to be.
 */
import pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

/** Where a command writes, and what it may assume of it. */
export interface Console {
  /** Columns that a line may have; Infinity where nobody reads on a screen. */
  readonly columns: number
  readonly rows: number
  readonly terminal: boolean
  readonly colors: Colors
  /** To standard output. */
  write(text: string): void
  /** To standard error. */
  complain(text: string): void
}

type Environment = Readonly<Record<string, string | undefined>>

/** `NO_COLOR` (any value) forbids colour, `FORCE_COLOR` asks for it; `COLUMNS` is the width. */
export function processConsole(
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
  env: Environment = process.env,
): Console {
  const terminal = stdout.isTTY === true && env.TERM !== 'dumb'
  return {
    get columns() {
      const asked = Number(env.COLUMNS)
      if (Number.isInteger(asked) && asked > 0) return asked
      return stdout.isTTY ? stdout.columns || 80 : Number.POSITIVE_INFINITY
    },
    get rows() {
      return stdout.isTTY ? stdout.rows || 24 : Number.POSITIVE_INFINITY
    },
    terminal,
    colors: pc.createColors(!env.NO_COLOR && (terminal || Boolean(env.FORCE_COLOR))),
    write: text => void stdout.write(text),
    complain: text => void stderr.write(text),
  }
}
