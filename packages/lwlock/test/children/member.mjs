/** One member process: does what its role says and reports over the IPC channel. */
import { COUNTER, join, LOCK, settings, waitForSignal } from './common.mjs'

const own = settings()
const arena = join(own)
const { addon, words, token, oracle, lock, lwlock } = arena
const say = message => process.send?.(message)

const roles = {
  /** Increments a plain counter under the lock. */
  hammer() {
    say('ready')
    waitForSignal(arena, 1)
    let contended = 0
    let recovered = 0
    if (own.mode === 'file') {
      for (let i = 0; i < own.rounds; i++) lock.run(() => words[COUNTER]++)
    } else {
      for (let i = 0; i < own.rounds; i++) {
        if (!lwlock.tryTake(words, LOCK, token)) {
          contended++
          if (lwlock.takeContended(words, LOCK, oracle, 30_000) !== 'taken') recovered++
        }
        words[COUNTER]++
        lwlock.release(words, LOCK, token)
      }
    }
    return { contended, recovered }
  },

  /** Hands a turn to and fro, sleeping between: a lost wake-up would be a time-out. */
  handOver() {
    say('ready')
    waitForSignal(arena, 1)
    const turn = COUNTER + 1
    let late = 0
    for (let i = own.first; i < own.rounds; i += 2) {
      for (let now = Atomics.load(words, turn); now !== i; now = Atomics.load(words, turn)) {
        if (lwlock.wait(words, turn, now, 5000) === 'timed-out') late++
      }
      Atomics.store(words, turn, i + 1)
      lwlock.notify(words, turn, 1)
    }
    return { late }
  },

  /** Takes the lock and stays inside until told, or killed. */
  hold() {
    const held = lock.acquire()
    if (own.fork) addon.forkWithoutExec()
    say(`held ${held.recovered}`)
    waitForSignal(arena, own.until ?? 1_000_000)
    held.release()
    return { recovered: held.recovered }
  },

  /** Is alive, and no more. */
  live() {
    say('ready')
    waitForSignal(arena, 1_000_000)
  },

  /** Sleeps in the lock's queue, as a waiter. */
  queue() {
    say('ready')
    const held = lock.acquire()
    held.release()
    return { recovered: held.recovered }
  },
}

const result = roles[own.role]()
say({ result })
process.disconnect?.()
