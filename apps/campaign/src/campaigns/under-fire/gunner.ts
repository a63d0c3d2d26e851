/**
 * Kills one member every 50 ms: forks a member that does what the others do, flat out, lets it live
 * until the next shot, and forks the next. It is no member itself. A section is a thousandth of
 * what a member does, so that half of the victims do it themselves, just before the shot, at a
 * store under the lock.
 */
import { writeSync } from 'node:fs'
import { setStoreTrap } from '@dsm/control'
import { openDsm } from '@dsm/core'
import { childOptions } from '../../child.js'
import { forkVictim, killVictim } from '../../kill/forked.js'
import { Random } from '../../random.js'
import type { FireOptions } from './protocol.js'

/** By then it has joined, and works. */
const DIES_AFTER_MS = 35
const STORES_MAX = 40
const SIZE = 5_000
const STDERR = 2

const { group, canary, seed } = childOptions<FireOptions>()
const random = new Random(seed)
/** The canary: one that is stopped and not killed holds the lock for longer than others wait. */
const DEADLY = canary === 'stopped' ? 'SIGSTOP' : 'SIGKILL'
const SHOT_EVERY_MS = canary === 'stopped' ? 1_000 : 50

/** At that store to shared bookkeeping, once the time has come. */
function dieAt(store: number): void {
  const due = performance.now() + DIES_AFTER_MS
  let left = store
  setStoreTrap(() => {
    if (performance.now() > due && --left === 0) process.kill(process.pid, DEADLY)
  })
}

/** Until it dies. */
function live(store: number): never {
  try {
    if (store > 0) dieAt(store)
    const dsm = openDsm({ name: group })
    for (let round = 0; ; round++) {
      const segment = dsm.create(SIZE, { ownObject: round % 2 === 0 })
      segment.detach()
    }
  } catch (error) {
    writeSync(STDERR, `a victim failed: ${(error as Error).stack}\n`)
    process.kill(process.pid, 'SIGABRT')
    throw error
  }
}

function fork(): number {
  const store = random.oneIn(2) ? 1 + random.below(STORES_MAX) : 0
  return forkVictim(() => live(store))
}

let victim = fork()
let due = performance.now() + SHOT_EVERY_MS
let shots = 0
let problem: string | null = null
let timer = setTimeout(shoot, SHOT_EVERY_MS)

function shoot(): void {
  problem ??= killVictim(victim)
  shots++
  victim = fork()
  due += SHOT_EVERY_MS
  timer = setTimeout(shoot, Math.max(0, due - performance.now()))
}

/** The last one dies too. */
process.on('message', () => {
  clearTimeout(timer)
  problem ??= killVictim(victim)
  process.send?.({ shots: shots + 1, problem })
  process.removeAllListeners('disconnect')
  process.disconnect?.()
})
