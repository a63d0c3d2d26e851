/**
 * What `npm start` runs. Exit code 0: all counts right, nothing left behind; 1: not so, or
 * something failed; 2: the command line asks for what cannot be. The demo is in `run-demo.ts`.
 */
import { parseOptions, USAGE, UsageError } from './options.js'
import { runDemo } from './run-demo.js'

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2))
    if (options !== null) return await runDemo(options, process.stdout)
    console.log(USAGE)
    return 0
  } catch (error) {
    const isUsage = error instanceof UsageError
    console.error(`demo: ${(error as Error).message}${isUsage ? `\n\n${USAGE}` : ''}`)
    return isUsage ? 2 : 1
  }
}

// What is open is closed at exit; the members hear that the channel is closed, and follow.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
// Whoever was reading has gone, as in `npm start | head`.
process.stdout.once('error', () => process.exit(1))
process.exitCode = await main()
