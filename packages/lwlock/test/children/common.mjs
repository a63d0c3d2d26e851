/**
 * What every child process and worker of the tests does first: it maps the arena, takes its byte,
 * and makes sure that it ends.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join as joinPath } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import * as lwlock from '../../dist/index.js'

const require = createRequire(import.meta.url)

export const PIDS = 512 // words[PIDS + member] is the member's pid, for messages
export const LOCK = 0
export const COUNTER = 16
export const SIGNAL = 32

export function join({ dir, member, generation, mode }) {
  const addon = require('../addon/build/Release/lwlock-test-addon.node')
  if (isMainThread) addon.alarm(50)
  const words = new Int32Array(addon.map(joinPath(dir, 'memory'), 4096))
  const members = lwlock.LockFile.open(joinPath(dir, 'members'))
  const token = lwlock.tokenOf(member, generation)
  if (!members.take(lwlock.byteOf(token))) throw new Error('the byte is held')
  words[PIDS + member] = process.pid
  const describe = other => lwlock.describeProcess(words[PIDS + lwlock.memberOf(other)])
  const oracle = lwlock.byteOracle(members, token, describe)
  const file = mode === 'file' ? lwlock.LockFile.open(joinPath(dir, 'lock')) : undefined
  const lock = new lwlock.LWLock(words, LOCK, oracle, { file, timeoutMs: 30_000 })
  return { addon, words, members, token, oracle, lock, lwlock }
}

/** Blocks until word SIGNAL is at least `value`. */
export function waitForSignal({ words, lwlock }, value) {
  for (;;) {
    const now = Atomics.load(words, SIGNAL)
    if (now >= value) return
    lwlock.wait(words, SIGNAL, now, 1000)
  }
}

export const settings = () => JSON.parse(process.argv[2] ?? readFileSync(0, 'utf8'))
