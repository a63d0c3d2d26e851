/** Many times over, by the good way and by the bad ones: nothing piles up. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { assertFree, PAGE, rejected, throwsCode } from '../check.js'
import type { Room } from '../room.js'
import type { Suite } from '../suite.js'

const ROUNDS = 1000
/** Growth allowed to everything else in this process, a tenth of what a leak per round would be. */
const SLACK = ROUNDS / 10
const LOOKS = 100
const LOOK_DELAY_MS = 20

/** Descriptors and mappings of this process, where the system tells; else zero. */
function held(): { descriptors: number; mappings: number } {
  try {
    const mappings = readFileSync('/proc/self/maps', 'latin1').split('\n').length
    return { descriptors: readdirSync('/proc/self/fd').length, mappings }
  } catch {
    return { descriptors: 0, mappings: 0 }
  }
}

/** What is held more than before. What the thread pool still has to close gets time to go. */
async function growth(before: ReturnType<typeof held>) {
  for (let looks = 0; ; looks++) {
    const now = held()
    const descriptors = now.descriptors - before.descriptors
    const mappings = now.mappings - before.mappings
    if (looks === LOOKS || (descriptors < SLACK && mappings < SLACK))
      return { descriptors, mappings }
    await setTimeout(LOOK_DELAY_MS)
  }
}

async function repeat(
  room: Room,
  expected: readonly number[],
  round: () => unknown,
): Promise<void> {
  const before = held()
  for (let index = 0; index < ROUNDS; index++) await round()
  const { descriptors, mappings } = await growth(before)
  assert.ok(descriptors < SLACK, `${ROUNDS} rounds left ${descriptors} descriptors open`)
  assert.ok(mappings < SLACK, `${ROUNDS} rounds left ${mappings} mappings`)
  if (room.impl.supports.enumerate && room.impl.supports.ownsNames) {
    assert.deepEqual(room.space.enumerate!(), expected)
  }
}

export function leaks(suite: Suite): void {
  suite.check(`leaks: ${ROUNDS} create, attach, detach, destroy leave nothing`, async room => {
    const { space } = room
    const handle = room.handle()
    const made = suite.trace([room.scope])
    const before = await suite.options.remaining?.(made)
    await repeat(room, [], () => {
      const first = space.create(handle, PAGE)!
      const second = space.attach(handle, PAGE)
      second.detach()
      first.detach()
      assert.equal(space.destroy(handle), true)
    })
    assertFree(space, handle)
    assert.deepEqual(await suite.options.remaining?.(made), before)
  })

  suite.check(`leaks: ${ROUNDS} refused creates and attaches leave nothing`, async room => {
    const { space } = room
    const [taken, absent] = [room.handle(), room.handle()]
    room.create(taken)
    await repeat(room, [taken], () => {
      assert.equal(space.create(taken, PAGE), null)
      throwsCode('DSM_FOREIGN', () => space.attach(taken, 2 * PAGE))
      throwsCode('DSM_NOT_FOUND', () => space.attach(absent, PAGE))
    })
  })

  suite.check(`leaks: ${ROUNDS} aborted createAsync leave nothing`, async room => {
    const handle = room.handle()
    await repeat(room, [], async () => {
      const controller = new AbortController()
      const promise = room.space.createAsync(handle, PAGE, { signal: controller.signal })
      controller.abort()
      await rejected(promise)
    })
    assertFree(room.space, handle)
  })

  suite.check(`leaks: ${ROUNDS} namespaces, opened and closed, leave nothing`, async room => {
    const handle = room.handle()
    room.create(handle)
    await repeat(room, [handle], () => {
      const space = suite.impl.open(room.scope)
      space.attach(handle, PAGE).detach()
      space.close()
    })
  })
}
