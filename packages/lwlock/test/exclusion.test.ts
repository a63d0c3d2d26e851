/** Processes exclude each other, and none sleeps on. What is not here: death (death.test.ts). */
import { expect, test } from 'vitest'
import { Arena, COUNTER, LOCK, leftovers, type Mode } from './arena.js'

async function hammer(mode: Mode, processes: number, rounds: number): Promise<void> {
  using arena = new Arena()
  const children = Array.from({ length: processes }, (_, member) =>
    arena.child({ role: 'hammer', member, mode, rounds }),
  )
  for (const child of children) expect(await child.message()).toBe('ready')
  arena.signal(1)
  const results = await Promise.all(children.map(child => child.result()))
  expect(arena.words[COUNTER]).toBe(processes * rounds)
  expect(arena.words[LOCK]).toBe(0)
  if (mode === 'word') {
    const total = (key: string) => results.reduce((sum, each) => sum + Number(each[key]), 0)
    expect(total('recovered')).toBe(0)
    expect(total('contended')).toBeGreaterThan(0) // or nothing was tested
  }
}

test('4 processes × 1,000,000 plain increments under the lock word lose none', () =>
  hammer('word', 4, 1_000_000))

test('4 processes × 20,000 plain increments under the file lock lose none', () =>
  hammer('file', 4, 20_000))

test('20,000 hand-overs between 2 sleeping processes lose no wake-up', async () => {
  using arena = new Arena()
  const rounds = 20_000
  const children = [0, 1].map(first =>
    arena.child({ role: 'handOver', member: first, first, rounds }),
  )
  for (const child of children) expect(await child.message()).toBe('ready')
  arena.signal(1)
  for (const child of children) expect(await child.result()).toEqual({ late: 0 })
  expect(arena.words[COUNTER + 1]).toBe(rounds)
})

test('nothing is left behind', () => {
  expect(leftovers()).toEqual([])
})
