/**
 * The cases of the specification about the end of a process: who comes when, and what an error on
 * the way keeps from happening. What is left afterwards is `exit.test.ts`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { usePlace } from './support/place.js'

const place = usePlace()
const SCRIPT = join(import.meta.dirname, 'children', 'exit-order.mjs')

function endOf(how: 'orderly' | 'throwing') {
  const { status, stdout } = spawnSync(
    process.execPath,
    [SCRIPT, place.name, place.namePrefix, how],
    { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
  )
  return { status, said: stdout.trim().split('\n') }
}

test('case 93: exit listeners in the order of registering; segments at openDsm’s, newest first', () => {
  const { status, said } = endOf('orderly')
  expect(said).toEqual([
    'beforeExit',
    'exit, listening since before the group was opened',
    ...['2 second', '2 first', '1 second', '1 first'],
    'exit, listening since after it',
  ])
  expect(status).toBe(0)
  expect(place.left()).toEqual([])
})

test('case 94: a callback that throws at exit keeps no other from running; the code says so', () => {
  const { status, said } = endOf('throwing')
  expect(said.slice(2, 7)).toEqual(['2 throws', '2 second', '2 first', '1 second', '1 first'])
  expect(said.slice(7)).toEqual(['exit, listening since after it'])
  expect(status).toBe(1)
  expect(place.left()).toEqual([])
})

test('case 95: there is no list to be full: of 1,000 callbacks all run, newest first', () => {
  const dsm = place.open('local')
  const segment = dsm.create(1)
  const ran: number[] = []
  for (let n = 0; n < 1_000; n++) segment.onDetach((_, arg) => void ran.push(arg), n)
  dsm.close()
  expect(ran).toEqual(Array.from({ length: 1_000 }, (_, n) => 999 - n))
})

test('case 96: a lock in a segment, held at an uncaught error, is the next one’s, who is told', async () => {
  const dsm = place.open('posix')
  const segment = dsm.create(64)
  const lock = dsm.lock(new Int32Array(segment.buffer), 0)
  const member = place.member()
  await member.call('open', place.spec(null))
  await member.call('attach', segment.handle)
  await member.call('hold', segment.handle)
  expect(lock.tryAcquire()).toBe(null)
  member.cast('throw')
  expect(await member.ended).toEqual({ code: 1, signal: null })
  expect(dsm.segments()).toMatchObject([{ refcnt: 2, abandoned: 0 }])
  const held = lock.acquire()
  expect(held.recovered).toBe(true)
  held.release()
})
