/** A member is killed: what it held comes back, and the others go on. */
import { closeSync, readdirSync, readlinkSync, unlinkSync } from 'node:fs'
import { LockFile } from '@dsm/lwlock'
import { describe, expect, test } from 'vitest'
import type { MemberDeath } from '../src/index.js'
import { code, NATIVE, stateOf, usePlace } from './support/place.js'

const place = usePlace()
const SWEPT = { timeout: 30_000, interval: 20 }

describe.each(NATIVE)('on %s', kind => {
  test('the references of a killed member come back by the sweep of any other', async () => {
    const dsm = place.open(kind)
    const child = place.member()
    await child.call('open', place.spec(null))
    const mine = dsm.create(4096)
    mine.bytes.fill(42)
    await child.call('attach', mine.handle)
    const { handle } = await child.call('create', 4096)
    await child.kill()

    await expect.poll(() => dsm.segments().map(each => each.handle), SWEPT).toEqual([mine.handle])
    expect(dsm.segments()).toMatchObject([{ refcnt: 2, abandoned: 1 }])
    expect(mine.abandoned).toBe(1)
    expect(mine.bytes.every(byte => byte === 42)).toBe(true)
    expect(dsm.members()).toHaveLength(1)
    expect(dsm.attach(handle)).toBe(null)
  })

  test('a create that finds no room takes back at once what the dead held', async () => {
    const dsm = place.open(kind, { maxSegments: 2 })
    const child = place.member()
    await child.call('open', place.spec(null))
    await child.call('create', 4096)
    await child.call('create', 4096)
    expect(dsm.create(1, { nullIfMaxSegments: true })).toBe(null)
    await child.kill()
    expect(dsm.create(1).size).toBe(1)
    expect(dsm.create(1).size).toBe(1)
    expect(() => dsm.create(1)).toThrow(code('DSM_TOO_MANY_SEGMENTS'))
  })

  test('what a killed member shared with a living one stays with the living one', async () => {
    const dsm = place.open(kind, { maxSegments: 1 })
    const child = place.member()
    await child.call('open', place.spec(null))
    const { handle } = await child.call('create', 4096)
    await child.call('write', handle, 0, [1, 2, 3])
    const shared = dsm.attach(handle)!
    await child.kill()
    expect(dsm.create(1, { nullIfMaxSegments: true })).toBe(null)
    expect(dsm.segments()).toMatchObject([{ handle, refcnt: 2, abandoned: 1 }])
    expect([...shared.bytes.subarray(0, 4)]).toEqual([1, 2, 3, 0])
    shared.detach()
    expect(dsm.segments()).toEqual([])
  })
})

test('what goes with the dead is counted as destroyed, in the main region and out of it', async () => {
  const dsm = place.open('posix', { mainRegionSize: 1 << 20 })
  const child = place.member()
  await child.call('open', place.spec(null))
  const before = dsm.stats()
  await child.call('create', 4096)
  await child.call('create', 4096, { ownObject: true })
  await child.kill()
  await expect.poll(() => dsm.segments(), SWEPT).toEqual([])
  const after = dsm.stats()
  expect([after.created - before.created, after.destroyed - before.destroyed]).toEqual([2, 2])
})

describe('onMemberDeath', () => {
  test('tells every member of a killed one, and what it held, whoever recovered', async () => {
    const dsm = place.open('posix')
    const other = place.open('posix')
    const told: MemberDeath[][] = [[], []]
    for (const [index, member] of [dsm, other].entries()) {
      member.onMemberDeath(death => told[index]!.push(death))
    }
    const mine = dsm.create(4096)
    const child = place.member()
    const { index } = await child.call('open', place.spec(null))
    await child.call('attach', mine.handle)
    const { handle } = await child.call('create', 4096)
    await child.kill()

    await expect.poll(() => told.map(deaths => deaths.length), SWEPT).toEqual([1, 1])
    const [death] = told[0]!
    expect(told[1]).toEqual([death])
    expect(death!.member).toMatchObject({ index, pid: child.pid, threadId: 0, alive: false })
    expect([...death!.handles].sort()).toEqual([mine.handle, handle].sort())
  })

  test('says nothing of a member that leaves, and nothing once it is disposed of', async () => {
    const dsm = place.open('posix')
    const all: string[] = []
    dsm.onMemberDeath(() => all.push('kept'))
    dsm.onMemberDeath(() => all.push('disposed'))[Symbol.dispose]()
    const leaver = place.member()
    await leaver.call('open', place.spec(null))
    await leaver.call('close')
    const victim = place.member()
    await victim.call('open', place.spec(null))
    await victim.kill()
    await expect.poll(() => all, SWEPT).toEqual(['kept'])
  })

  test('what a listener throws is uncaught, and the next listener is told all the same', async () => {
    const dsm = place.open('posix')
    const thrown = await new Promise<string[]>(resolve => {
      const met: string[] = []
      const caught = (error: Error) => {
        met.push(error.message)
        process.off('uncaughtException', caught)
        for (const listener of before) process.on('uncaughtException', listener)
        resolve(met)
      }
      const before = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.on('uncaughtException', caught)
      dsm.onMemberDeath(() => {
        throw new Error('on purpose')
      })
      dsm.onMemberDeath(({ member }) => met.push(`told of ${member.index}`))
      const child = place.member()
      void child.call('open', place.spec(null)).then(() => child.kill())
    })
    expect(thrown).toEqual(['told of 1', 'on purpose'])
  })

  test('takes nothing but a function', () => {
    const dsm = place.open('posix')
    expect(() => dsm.onMemberDeath(null as never)).toThrow(TypeError)
  })
})

test('a dead member is shown as such until it is swept, and its entry is used again', async () => {
  const dsm = place.open('posix', { maxMembers: 2 })
  const child = place.member()
  const { index } = await child.call('open', place.spec(null))
  await child.kill()
  const dead = dsm.members().find(member => member.pid === child.pid)
  if (dead) expect(dead.alive).toBe(false) // else the sweep has been here
  const again = place.member()
  expect((await again.call('open', place.spec(null))).index).toBe(index)
  expect(dsm.members().map(({ pid, alive }) => [pid, alive])).toEqual([
    [process.pid, true],
    [again.pid, true],
  ])
  await again.call('close')
})

test('a joiner over a dead entry gives back what the dead one held', async () => {
  const dsm = place.open('posix', { maxMembers: 2, maxSegments: 2 })
  const child = place.member()
  await child.call('open', place.spec(null))
  const { handle } = await child.call('create', 64)
  await child.kill()
  const again = place.member()
  await again.call('open', place.spec(null))
  expect(dsm.segments()).toEqual([])
  expect(dsm.attach(handle)).toBe(null)
  await again.call('close')
})

test('a zombie is dead: its references come back before anybody has waited for it', async () => {
  const dsm = place.open('posix', { maxSegments: 2 })
  dsm.create(64)
  const child = place.member()
  await child.call('open', place.spec(null))
  await child.call('create', 64)
  process.kill(child.pid, 'SIGKILL') // nobody waits for it before the event loop turns
  const giveUpAt = Date.now() + 20_000
  let made = null
  while (made === null && Date.now() < giveUpAt) made = dsm.create(64, { nullIfMaxSegments: true })
  expect(made?.size).toBe(64)
  while (stateOf(child.pid) !== 'Z') expect(Date.now()).toBeLessThan(giveUpAt) // nobody waited yet
})

test('a stopped member is not dead: nothing of it is taken, however long', async () => {
  const dsm = place.open('posix', { maxSegments: 2 })
  const child = place.member()
  await child.call('open', place.spec(null))
  const { handle } = await child.call('create', 64)
  child.signal('SIGSTOP')
  const mine = dsm.create(64)
  for (let n = 0; n < 20; n++) expect(dsm.create(1, { nullIfMaxSegments: true })).toBe(null)
  await new Promise(resolve => setTimeout(resolve, 1_100)) // a sweep comes by
  expect(
    dsm
      .segments()
      .map(each => each.handle)
      .sort(),
  ).toEqual([handle, mine.handle].sort())
  child.signal('SIGCONT')
  expect(await child.call('read', handle, 0, 1)).toEqual([0])
  await child.call('close')
})

test('all are killed at once, over and over: each next opener finds a clean house', async () => {
  for (let round = 0; round < 3; round++) {
    const members = [place.member(), place.member()]
    for (const member of members) await member.call('open', place.spec('posix'))
    const { handle } = await members[0]!.call('create', 64)
    await members[1]!.call('attach', handle)
    for (const member of members) member.cast('churn')
    await members[0]!.call('segments')
    await Promise.all(members.map(member => member.kill()))
  }
  const dsm = place.open('posix')
  expect(dsm.segments()).toEqual([])
  expect(dsm.members()).toHaveLength(1)
})

test('a member whose lock file was closed behind its back is taken for dead, and told so', () => {
  const [one, two] = [place.open('posix'), place.open(null, { maxSegments: 8 })]
  const kept = one.create(64)
  closeSync(descriptorOf(`${place.dir}/members.`))
  for (let n = 0; n < 7; n++) two.create(64)
  expect(two.create(64).size).toBe(64) // finds no room, and takes back what the dead one held
  expect(two.members()).toHaveLength(1)
  for (const operation of [() => one.create(64), () => one.attach(2), () => one.segments()]) {
    expect(operation).toThrow(code('DSM_FENCED'))
  }
  expect(kept.bytes.length).toBe(64)
})

test('a member whose descriptor is another file’s by now buries nobody', () => {
  const [one, two] = [place.open('posix'), place.open(null)]
  const number = descriptorOf(`${place.dir}/members.`)
  closeSync(number)
  const path = `${place.root}/other`
  const others = Array.from({ length: 8 }, () => LockFile.open(path, { create: true }))
  expect(nameOf(number)).toBe(path) // in it, nobody holds the byte of anybody
  const { member } = one as unknown as { member: { sweep(): void } }
  expect(() => member.sweep()).toThrow(code('DSM_CLOSED'))
  expect(two.create(64).size).toBe(64)
  expect(two.members()).toHaveLength(2)
  one.close()
  expect(nameOf(number)).toBe(path)
  for (const other of others) other.close()
  unlinkSync(path)
})

/** The first one of this process whose file is called so. */
function descriptorOf(path: string): number {
  const open = readdirSync('/proc/self/fd').map(Number)
  return open.sort((a, b) => a - b).find(each => nameOf(each).startsWith(path))!
}

function nameOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return '' // the one of readdir itself
  }
}
