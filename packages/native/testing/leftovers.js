/**
 * What a test has drawn and made, and what is left of it in the system. Other tests may run on the
 * same machine, so only what was drawn here is looked for.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

const nonces = new Set()
const directories = new Set()
const pids = new Set([process.pid])
/** Process ids are used again; a segment older than this program was another's. */
const startedAtSeconds = Math.floor(Date.now() / 1000)

/** To be called with the process id of every program that may make segments. */
export const notePid = pid => pids.add(pid)

/** A nonce that nobody else has. */
export function newNonce() {
  const nonce = [...randomBytes(13)].map(byte => LETTERS[byte & 31]).join('')
  nonces.add(nonce)
  return nonce
}

/** A directory of the test's own, 0700. The test removes it. */
export function testDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'dsm-test-'))
  directories.add(directory)
  return directory
}

/** System V segments that a process of this test made and that are still there. */
function segments() {
  if (!existsSync('/proc/sysvipc/shm')) return []
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n').slice(1)
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(fields => pids.has(Number(fields[4])) && Number(fields[13]) >= startedAtSeconds)
    .map(fields => `System V segment ${fields[1]}, key ${fields[0]}`)
}

function listed(directory) {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter(name => [...nonces].some(own => name.includes(own)))
  return names.map(name => join(directory, name))
}

/**
 * Whatever this test's processes left in the system: nothing, if all is well. What the thread pool
 * is just freeing is waited for.
 */
export async function leftovers(kind = /./) {
  const list = () => listAll().filter(what => kind.test(what))
  for (let round = 0; round < 100 && list().length > 0; round += 1) await sleep(20)
  return list()
}

function listAll() {
  const temporary = join(tmpdir(), `dsm-${process.geteuid()}`)
  return [
    ...listed('/dev/shm'),
    ...listed(temporary),
    ...segments(),
    ...[...directories].filter(directory => existsSync(directory)),
  ]
}
