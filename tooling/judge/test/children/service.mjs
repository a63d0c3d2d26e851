/**
 * What the children have in common: they become the server's user, do what they are told one
 * message at a time, and end with whoever tells them, or at the latest after a while. What needs
 * root's eyes (the repository may be in root's home) is imported before `begin` is called.
 */
import { readdirSync, rmdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Longer than any test file takes; the parent's own timeout comes later. */
const LIFE_MS = 120_000

/**
 * @param operations what may be asked for, by name
 * @param end what to do when the parent is gone or time is up; may be asynchronous
 */
export function begin(operations, end = () => {}) {
  const { uid, gid, root } = JSON.parse(process.argv[2])
  if (process.getuid() === 0) {
    process.setgroups([gid])
    process.setgid(gid)
    process.setuid(uid)
  }
  process.umask(0o077)
  let ending = false
  let work = Promise.resolve()
  const leave = async () => {
    if (ending) return
    ending = true
    try {
      await work
      await end()
    } finally {
      removeEmpty(root)
      process.kill(process.pid, 'SIGKILL')
    }
  }
  setTimeout(leave, LIFE_MS).unref()
  process.on('disconnect', leave)
  process.on('message', message => {
    work = work.then(() => perform(operations, message))
  })
}

/** Whoever leaves last takes the directory of all with it. */
function removeEmpty(root) {
  try {
    for (const name of readdirSync(root)) rmdirSync(join(root, name))
    rmdirSync(root)
  } catch {
    // somebody is there still, or nothing is
  }
}

/** Says so, and does nothing more while its parent lives: alive for all others, and silent. */
export function fallSilent() {
  const parent = process.ppid
  const word = new Int32Array(new SharedArrayBuffer(4))
  writeSync(1, 'silent\n')
  for (const until = Date.now() + LIFE_MS; process.ppid === parent && Date.now() < until; ) {
    Atomics.wait(word, 0, 0, 50)
  }
}

async function perform(operations, { id, op, args }) {
  const post = reply => id !== 0 && process.connected && process.send({ id, ...reply })
  try {
    post({ value: await operations[op](...args) })
  } catch (error) {
    const { code, message, stderr } = Object(error)
    post({ error: { code, message: `${op}: ${message} ${stderr ?? ''}`.trim() } })
  }
}
