/**
 * What a mapping must survive, as a program: `node main.mjs <module> <factory> <scenario> [number]`
 * with the URL of a package (`…/impl-posix/dist/index.js`) and the name of its factory (`posix`).
 * It ends with code 0 and one line of JSON, or it is a failure; a crash is what it looks for.
 * A program and not a test, so that it runs on any Node and under any sanitizer alike.
 */
import { readFileSync } from 'node:fs'
import { aborted, workerEnds } from './jobs.mjs'
import { collected, compression, cycles, poolWork, transferred } from './memory.mjs'
import { scenario } from './tools.mjs'
import { hotLoops } from './views.mjs'

const WATCHDOG_MS = 50_000
setTimeout(() => {
  console.error(`watchdog: ${scenario} took more than ${WATCHDOG_MS} ms`)
  process.exit(99)
}, WATCHDOG_MS).unref()

const scenarios = {
  ...{ hotLoops, poolWork, compression, transferred, collected, cycles, workerEnds, aborted },
}
const result = await scenarios[scenario]()
const addon = /\/.*\.node$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0]
console.log(JSON.stringify({ node: process.version, scenario, addon, ...result }))
