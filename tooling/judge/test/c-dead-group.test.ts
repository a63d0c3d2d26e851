/**
 * (c) The other way round: a group of ours with PostgreSQL's names is killed, its control handle is
 * put into the System V header of a dead server, and that server's own start-up code cleans up. It
 * says which segments it found and with how many references; that is what our slots said.
 */
import { readControlSegment, type SlotView } from '@dsm/control'
import { isMainRegionHandle } from '@dsm/impl'
import { describe, expect } from 'vitest'
import { nameOf, objectSlots } from './support/agreement.js'
import type { Child } from './support/child.js'
import { useJudge } from './support/judge.js'
import { judged } from './support/programs.js'
import type { Kind, Server } from './support/server.js'

const { judge, seal } = useJudge()
let made: Server | null = null

/** A server that was killed, and cleaned with our code: its header waits for another handle. */
async function deadServer(kind: Kind = 'posix'): Promise<Server> {
  made ??= await judge().server()
  await made.start(kind)
  await made.kill()
  await made.clean()
  return made
}

const GROUP = { kind: 'posix', maxMembers: 12, maxSegments: 24, mainRegionSize: 1 << 20 }
const OWN = { ownObject: true }

interface Group {
  readonly dir: string
  readonly control: number
  readonly members: Child[]
}

async function newGroup(options: object = GROUP): Promise<Group> {
  const dir = `${judge().directory()}/group`
  const first = judge().member()
  const control = await first.call('open', { dir, ...options })
  return { dir, control, members: [first] }
}

async function joined(group: Group): Promise<Child> {
  const member = judge().member()
  await member.call('open', { kind: 'posix', dir: group.dir })
  group.members.push(member)
  return member
}

async function killAll({ members }: Group): Promise<void> {
  for (const member of members) await member.kill()
}

/** Segments in every state, some held by two; its last member is killed within a section. */
async function groupInEveryState(): Promise<Group & { freed: string }> {
  const group = await newGroup()
  const first = group.members[0]!
  const second = await joined(group)
  const shared = await first.call('create', 5000, OWN)
  await second.call('attach', shared.handle)
  await second.call('create', 100, OWN)
  await first.call('create', 100) // from the main region: no object
  const pinned = await first.call('create', 64, OWN)
  await first.call('pin', pinned.handle)
  await first.call('detach', pinned.handle)
  const freed = await first.call('create', 64, OWN)
  const stops = [
    ['create', 'before'],
    ['create', 'after'],
    ['destroy', 'before'],
    ['destroy', 'after'],
  ] as const
  for (const [op, when] of stops) {
    const member = await joined(group)
    const own = op === 'destroy' ? await member.call('create', 64, OWN) : null
    await member.call('stop', op, when)
    if (own === null) await member.fallsSilentIn('create', 64, OWN)
    else await member.fallsSilentIn('detach', own.handle)
  }
  await first.call('detach', freed.handle)
  const last = await joined(group)
  // Or they would clean up after the one that dies.
  for (const member of [first, second]) await member.fallsSilentIn('fallSilent')
  await last.call('dieAtStore', 3, 'object')
  expect(await last.diesIn('create', 64, OWN)).toBe(true)
  return { ...group, freed: freed.name }
}

/** A dead server with the control handle of a dead group starts; dead again, nothing is left. */
async function cleanedByStart(server: Server, control: number, live: number): Promise<void> {
  const slots = objectSlots((await server.bytes(control))!)
  await server.setControlHandle(control)
  await server.start()
  const said = await server.said()
  expect(said.cleaned).toEqual(refcnts(slots))
  expect(said.cleaned).toContainEqual({ handle: live, refcnt: 2 })
  expect(said.cleanedControl).toEqual([control])
  await server.kill()
  await server.clean()
  expect(judge().left()).toEqual([])
}

const refcnts = (slots: readonly SlotView[]): object[] =>
  slots.map(({ handle, refcnt }) => ({ handle, refcnt }))

describe('a dead group of ours, cleaned by PostgreSQL', () => {
  judged('every state of a segment is cleaned, and nothing that is somebody else’s', async () => {
    const server = await deadServer()
    const group = await groupInEveryState()
    const living = await newGroup()
    const alive = living.members[0]!
    const kept = await alive.call('create', 4096, OWN)
    await alive.call('fill', kept.handle, 7)
    await killAll(group)
    // A slot that is free keeps the handle that it had; the name may be a stranger's by now.
    const bystanders = [group.freed, '/PostgreSQL.2', '/PostgreSQL.', '/PostgreSQL.x']
    for (const name of bystanders) await server.steward.call('plant', name, Buffer.from('mine'))

    const control = (await server.bytes(group.control))!
    const slots = objectSlots(control)
    const stale = readControlSegment(control).slots.filter(({ refcnt }) => refcnt === 0)
    expect(stale.map(({ handle }) => nameOf('posix', handle || 2))).toContain(group.freed)
    const counts = slots.map(({ refcnt }) => refcnt).sort()
    // Half-made, half-removed: four stopped and one killed; then a pin, two with one user, and 3.
    expect(counts).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 3])
    const before = (await server.objects()).map(({ name }) => name)
    const names = slots.map(({ handle }) => nameOf('posix', handle))
    const absent = names.filter(name => !before.includes(name))
    expect(absent).toHaveLength(2) // not made yet, and removed already
    await server.setControlHandle(group.control)
    await server.start()

    const said = await server.said()
    expect(said.cleaned).toEqual(refcnts(slots))
    expect(said.cleanedControl).toEqual([group.control])
    expect(said.failed).toEqual(absent)
    const there = (await server.objects()).map(({ name }) => name)
    const ours = [...names, nameOf('posix', group.control)]
    expect(there.filter(name => ours.includes(name))).toEqual([])
    expect(there).toEqual(expect.arrayContaining([...bystanders, kept.name]))
    expect(await alive.call('isFilled', kept.handle, 7)).toBe(true)
    await alive.call('churn', 10)
    console.log(
      `(c) PostgreSQL removed ${slots.length} slots' segments (references ${counts.join(' ')}) ` +
        'and the control segment, and left 4 bystanders and a living group of ours alone',
    )
    await alive.call('close')
    for (const name of bystanders) await server.steward.call('remove', name)
    await server.kill()
    await server.clean()
    expect(judge().left()).toEqual([])
  })

  judged('the next of ours to open that group finds nothing and begins anew', async () => {
    const server = await deadServer()
    const group = await newGroup()
    const held = await group.members[0]!.call('create', 64, OWN)
    await killAll(group)
    await server.setControlHandle(group.control)
    await server.start()
    expect((await server.said()).cleanedControl).toEqual([group.control])
    const member = judge().member()
    const control = await member.call('open', { dir: group.dir, ...GROUP })
    expect(control).not.toBe(group.control)
    expect(await member.call('attach', held.handle)).toBe(null)
    await member.call('churn', 3)
    await member.call('close')
    await server.stop()
    expect(judge().left()).toEqual([])
  })

  describe.each(['create', 'detach'] as const)('killed at each store of a %s', operation => {
    judged('nothing of it outlives PostgreSQL’s start', async () => {
      const server = await deadServer()
      let next = judge().member()
      let points = 0
      for (let n = 1; ; n++, points++) {
        const member = next
        next = judge().member() // starts while this one is at work
        const dir = `${judge().directory()}/group`
        const control = await member.call('open', { dir, ...GROUP, mainRegionSize: 0 })
        const kept = await member.call('create', 64, OWN)
        const other = operation === 'detach' ? await member.call('create', 64, OWN) : null
        await member.call('dieAtStore', n, 'begin')
        const died = await member.diesIn(operation, ...(other ? [other.handle] : [64, OWN]))
        await member.kill()
        await cleanedByStart(server, control, kept.handle)
        if (!died) break
      }
      await next.kill()
      expect(points).toBeGreaterThanOrEqual(10)
      console.log(`(c) killed at each of ${points} stores of a ${operation}: nothing is left`)
    })
  })

  judged(
    'segments carved from the main region go with it, as PostgreSQL skips odd handles',
    async () => {
      const server = await deadServer()
      const group = await newGroup()
      for (let n = 0; n < 5; n++) await group.members[0]!.call('create', 4096)
      await killAll(group)
      const { slots } = readControlSegment((await server.bytes(group.control))!)
      const used = slots.filter(({ refcnt }) => refcnt > 0)
      expect(used.filter(({ handle }) => isMainRegionHandle(handle))).toHaveLength(5)
      const [region, ...others] = used.filter(({ handle }) => !isMainRegionHandle(handle))
      expect(others).toEqual([])
      expect(region).toMatchObject({ refcnt: 2, pinned: true })
      await server.setControlHandle(group.control)
      await server.start()
      const said = await server.said()
      expect(said.cleaned).toEqual([{ handle: region!.handle, refcnt: 2 }])
      expect(said.failed).toEqual([])
      await server.stop()
      expect(judge().left()).toEqual([])
    },
  )

  judged('System V segments go the same way, as their keys are the same', async () => {
    const server = await deadServer('sysv')
    const group = await newGroup({ ...GROUP, kind: 'sysv' })
    const member = group.members[0]!
    const pinned = await member.call('create', 64, OWN)
    await member.call('pin', pinned.handle)
    await member.call('create', 5000, OWN)
    await killAll(group)
    const slots = objectSlots((await server.bytes(group.control))!)
    expect(slots.map(({ refcnt }) => refcnt)).toEqual([2, 3, 2]) // the main region is the first
    const names = [...slots.map(({ handle }) => handle), group.control].map(handle =>
      nameOf('sysv', handle),
    )
    const there = async () => (await server.objects()).map(({ name }) => name)
    expect(await there()).toEqual(expect.arrayContaining(names))
    await server.setControlHandle(group.control)
    await server.start()
    const said = await server.said()
    expect(said).toMatchObject({ cleaned: refcnts(slots), cleanedControl: [group.control] })
    expect((await there()).filter(name => names.includes(name))).toEqual([])
    await server.stop()
  })
})

seal()
