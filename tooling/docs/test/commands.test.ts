/**
 * The commands of the documentation. Most take minutes, so `npm test` looks whether what they name
 * is there; `npm run slow`, in this folder, gives each of them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allCommands, type Command } from '../src/commands.js'

const SLOW = process.env.DSM_DOCS === 'slow'
const WATCHDOG_MS = 900_000
/** What a slow run is a part of, and what lasts as long as it. */
const ITSELF = /^npm (test|run test:nodes|run slow)\b/
const BUILT_IN = new Set(['start', 'test'])

const commands = allCommands().map(each => ({ ...each, title: `${each.doc}:${each.line}` }))

/** What a command names and is not there; null: all is. */
function missing({ directory, text }: Command): string | null {
  if (!existsSync(directory)) return directory
  const [program, ...args] = text.split(' ')
  if (program === 'node') return existsSync(join(directory, args[0]!)) ? null : args[0]!
  if (program === 'npx') return null // looked for among what is installed, by npx itself
  if (program !== 'npm') return `a way to look for "${program}"`
  const script = BUILT_IN.has(args[0]!) ? args[0]! : args[1]!
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  return Object.hasOwn(scripts, script) ? null : `the script "${script}"`
}

test.for(commands)('$title: what `$text` names is there', command => {
  expect(missing(command)).toBeNull()
})

if (SLOW) {
  const given = commands.filter(({ text }) => !ITSELF.test(text))
  test.for(given)('$title: `$text` ends as it should', { timeout: WATCHDOG_MS }, command => {
    const { status, stderr } = spawnSync(command.text, {
      shell: true,
      cwd: command.directory,
      encoding: 'utf8',
      timeout: WATCHDOG_MS,
    })
    expect(status, stderr).toBe(command.status)
  })
}

test('there are commands', () => expect(commands.length).toBeGreaterThan(3))
