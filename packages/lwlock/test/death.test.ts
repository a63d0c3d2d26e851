/**
 * Owners that die, in every way that has fooled somebody, and owners that only look dead.
 * All of it in both modes. What is not here: sections cut while their owner lives (cut.test.ts).
 */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { DsmError } from '@dsm/impl'
import { describe, expect, test } from 'vitest'
import { Arena, addon, Child, LOCK, leftovers, type Mode } from './arena.js'

const modes: Mode[] = ['word', 'file']
const noNamespaces = whyNoNamespaces()

const reason = (why: string | null) => (why === null ? '' : ` — ${why}`)

function whyNoNamespaces(): string | null {
  try {
    execFileSync('unshare', ['-p', '-f', '--kill-child', 'true'], { stdio: 'ignore' })
    return null
  } catch {
    return 'needs unshare -p -f'
  }
}

/** The only child of a process, as the process's own namespace numbers it. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

function stateOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return status.charAt(status.lastIndexOf(')') + 2)
}

describe.each(modes)('lock by %s:', mode => {
  test('a holder killed by SIGKILL is taken over, and its successor told so', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    const holder = arena.child({ role: 'hold', member: 1, mode })
    expect(await holder.message()).toBe('held false')
    expect(lock.tryAcquire()).toBeNull()
    holder.kill('SIGKILL')
    expect(lock.run(recovered => recovered)).toBe(true)
    expect(lock.run(recovered => recovered)).toBe(false)
  })

  test('10 holders killed in turn before two waiters: one recovers, one follows', async () => {
    using arena = new Arena()
    for (let round = 1; round <= 10; round++) {
      const holder = arena.child({ role: 'hold', member: 1, generation: round, mode })
      await holder.message()
      const waiters = [2, 3].map(member =>
        arena.child({ role: 'queue', member, generation: round, mode }),
      )
      for (const waiter of waiters) expect(await waiter.message()).toBe('ready')
      holder.kill('SIGKILL')
      const told = await Promise.all(waiters.map(waiter => waiter.result()))
      expect(told.filter(each => each.recovered)).toHaveLength(1)
    }
    expect(arena.words[LOCK]).toBe(0)
  })

  test('a killed holder that nobody reaps (a zombie) is dead all the same', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    // The shell becomes `sleep`, which never waits for the holder.
    const parent = arena.child({ role: 'hold', member: 1, mode }, [
      'sh',
      '-c',
      '"$@" & exec sleep 40',
      'sh',
    ])
    expect(await parent.message()).toBe('held false')
    const holder = childOf(parent.pid)
    process.kill(holder, 'SIGKILL')
    expect(lock.run(recovered => recovered)).toBe(true)
    await until(() => stateOf(holder) === 'Z')
    expect(process.kill(holder, 0)).toBe(true) // as kill() would have it, the holder lives
  })

  test.skipIf(noNamespaces)(
    `two PID namespaces, holder and waiter both pid 1${reason(noNamespaces)}`,
    async () => {
      using arena = new Arena()
      const lock = arena.lock(mode, arena.oracle(0))
      const namespace = ['unshare', '-p', '-f', '--kill-child']
      const holder = arena.child({ role: 'hold', member: 1, mode }, namespace)
      expect(await holder.message()).toBe('held false')
      const waiter = arena.child({ role: 'queue', member: 2, mode }, namespace)
      expect(await waiter.message()).toBe('ready')
      process.kill(childOf(waiter.pid), 'SIGKILL') // kills the waiter, also pid 1: nobody is robbed
      await waiter.exited
      expect(lock.tryAcquire()).toBeNull()
      const second = arena.child({ role: 'queue', member: 2, generation: 2, mode }, namespace)
      expect(await second.message()).toBe('ready')
      process.kill(childOf(holder.pid), 'SIGKILL')
      expect(await second.result()).toEqual({ recovered: true })
    },
  )

  test('a worker thread terminated while it holds the lock is taken over', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    const workerData = { dir: arena.dir, member: 1, generation: 1, mode, hold: true, stay: true }
    const worker = new Worker(join(import.meta.dirname, 'children', 'worker.mjs'), { workerData })
    await new Promise(resolve => worker.on('message', resolve))
    expect(lock.tryAcquire()).toBeNull()
    await worker.terminate()
    expect(lock.run(recovered => recovered)).toBe(true)
  })

  test('a stopped holder is waited for; then a time-out names it and takes nothing', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    const holder = arena.child({ role: 'hold', member: 1, mode, until: 1 })
    await holder.message()
    holder.kill('SIGSTOP')
    await until(() => stateOf(holder.pid) === 'T')
    const error = (() => {
      try {
        lock.acquire(100)
      } catch (thrown) {
        return thrown
      }
    })() as DsmError
    expect(DsmError.isInstance(error)).toBe(true)
    expect(error.code).toBe('DSM_LOCK_TIMEOUT')
    expect(error.message).toContain(`pid ${holder.pid} (stopped)`)
    holder.kill('SIGCONT')
    arena.signal(1)
    expect(await holder.result()).toEqual({ recovered: false })
    expect(lock.run(recovered => recovered)).toBe(false)
  })

  test('a newcomer in the dead holder’s place does not hide the death', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    const holder = arena.child({ role: 'hold', member: 1, mode })
    await holder.message()
    holder.kill('SIGKILL')
    await holder.exited
    const newcomer = arena.child({ role: 'live', member: 1, generation: 2, mode })
    expect(await newcomer.message()).toBe('ready')
    expect(lock.run(recovered => recovered)).toBe(true)
  })

  test('the newcomer itself takes over from its predecessor', async () => {
    using arena = new Arena()
    const holder = arena.child({ role: 'hold', member: 1, mode })
    await holder.message()
    holder.kill('SIGKILL')
    await holder.exited
    const newcomer = arena.child({ role: 'queue', member: 1, generation: 2, mode })
    expect(await newcomer.message()).toBe('ready')
    expect(await newcomer.result()).toEqual({ recovered: true })
  })

  test('a child forked without exec does not keep the dead holder’s byte', async () => {
    using arena = new Arena()
    const lock = arena.lock(mode, arena.oracle(0))
    const holder = arena.child({ role: 'hold', member: 1, mode, fork: true })
    expect(await holder.message()).toBe('held false')
    const orphan = childOf(holder.pid)
    try {
      expect(lock.tryAcquire()).toBeNull()
      holder.kill('SIGKILL')
      expect(lock.run(recovered => recovered)).toBe(true)
      expect('RS').toContain(stateOf(orphan)) // it is still there
    } finally {
      process.kill(orphan, 'SIGKILL')
    }
  })
})

test('a child forked without exec leaves the bytes of its living parent alone', () => {
  using arena = new Arena()
  const other = arena.open('members')
  arena.members.take(7)
  const pid = addon.forkWithoutExec()
  expect(other.probe(7)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('the addon loaded by workers only, which end, keeps working in that process', async () => {
  using arena = new Arena()
  const script = join(import.meta.dirname, 'children', 'only-worker.mjs')
  const settings = JSON.stringify({ dir: arena.dir, member: 1, generation: 1, mode: 'word' })
  const child = new Child(
    spawn(process.execPath, [script, settings], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  )
  expect(await child.message()).toBe('done')
  await child.exited
  expect(arena.members.probeRange(0, 4096)).toBe(false)
})

test('nothing is left behind', () => {
  expect(leftovers()).toEqual([])
})
