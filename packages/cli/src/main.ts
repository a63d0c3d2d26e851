#!/usr/bin/env node
/**
 * The `dsm` command. What it does is in `run.ts`; here it meets the process: streams, exit code,
 * and a reader that closes the pipe early, which is no error.
 */
import { processConsole } from './console.js'
import { run } from './run.js'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    process.exit()
  })
}

process.exitCode = await run(process.argv.slice(2), processConsole())
