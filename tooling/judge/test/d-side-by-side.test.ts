/**
 * (d) Three servers and two groups of ours with the same names, under one user, on one machine:
 * nobody's handles meet, and whoever dies is cleaned up without the others noticing.
 */
import { expect } from 'vitest'
import { expectAgreement, nameOf, objectSlots } from './support/agreement.js'
import type { Child } from './support/child.js'
import { useJudge } from './support/judge.js'
import { judged } from './support/programs.js'
import type { FoundObject, Kind, Look, Server } from './support/server.js'

const { judge, seal } = useJudge()
const OWN = { ownObject: true }
const SEGMENTS = 12

interface Party {
  readonly kind: Kind
  readonly handles: readonly number[]
}

const namesOf = ({ kind, handles }: Party): string[] =>
  handles.map(handle => nameOf(kind, handle)).sort()

async function busyServer(kind: Kind): Promise<Server> {
  const server = await judge().server()
  await server.start(kind)
  await server.holdParallel(2)
  await server.holdParallelScan()
  return server
}

const whenBusy = (server: Server): Promise<Look> =>
  server.lookUntil((seen, { slots }) => {
    expectAgreement(server.kind, seen)
    expect(slots.filter(({ refcnt }) => refcnt >= 3)).toHaveLength(7)
  })

async function serverParty(server: Server): Promise<Party> {
  const look = await whenBusy(server)
  const handles = objectSlots(look.control).map(({ handle }) => handle)
  return { kind: server.kind, handles: [...handles, look.header.handle] }
}

async function groupParty(kind: 'posix' | 'sysv'): Promise<Party & { member: Child; dir: string }> {
  const dir = `${judge().directory()}/group`
  const member = judge().member()
  const control = await member.call('open', { kind, dir })
  const handles = [control]
  for (let n = 1; n <= SEGMENTS; n++) {
    const { handle } = await member.call('create', 1000 * n, OWN)
    await member.call('fill', handle, n)
    handles.push(handle)
  }
  return { kind, handles, member, dir }
}

async function isWhole({ member, handles }: Party & { member: Child }): Promise<boolean> {
  for (const [n, handle] of handles.entries()) {
    if (n > 0 && !(await member.call('isFilled', handle, n))) return false
  }
  return true
}

/** What these parties' objects are now: name, size and identity. */
async function census(by: Server, parties: readonly Party[]): Promise<FoundObject[]> {
  const names = parties.filter(({ kind }) => kind === by.kind).flatMap(namesOf)
  const found = (await by.objects()).filter(({ name }) => names.includes(name))
  return found.sort((one, other) => one.name.localeCompare(other.name))
}

judged('three servers and two groups share a machine and never touch each other', async () => {
  const [first, second, third] = [
    await busyServer('posix'),
    await busyServer('posix'),
    await busyServer('sysv'),
  ]
  const servers = [await serverParty(first), await serverParty(second), await serverParty(third)]
  const [dying, living] = [await groupParty('posix'), await groupParty('sysv')]
  const everybody = [...servers, dying, living]
  const names = everybody.flatMap(namesOf)
  expect(new Set(names).size).toBe(names.length)

  // Handles that are somebody's already: not made, not removed, not changed.
  const [files, keys] = [await census(first, everybody), await census(third, everybody)]
  expect(files.length + keys.length).toBe(names.length)
  for (const party of everybody) {
    const meddled = await living.member.call('meddle', party.kind, party.handles)
    expect(meddled).toEqual({ made: [], removed: [] })
  }
  expect([await census(first, everybody), await census(third, everybody)]).toEqual([files, keys])

  // One server and one group die at work, while all others go on.
  const churning = living.member.call('churn', 300)
  await first.kill()
  await dying.member.kill()
  const rest = [servers[1]!, servers[2]!, living]
  const before = [await census(second, rest), await census(third, rest)]
  expect((await first.clean()).removed.sort()).toEqual([...servers[0]!.handles].sort())
  const heir = judge().member()
  await heir.call('open', { kind: 'posix', dir: dying.dir })
  await churning
  expect([await census(second, rest), await census(third, rest)]).toEqual(before)
  expect(await census(second, [servers[0]!, dying])).toEqual([])
  for (const server of [second, third]) await whenBusy(server)
  expect(await isWhole(living)).toBe(true)

  // A server that cleans up after itself finds its own and nobody else's.
  await second.kill()
  await second.start()
  const said = await second.said()
  const cleaned = [...said.cleaned.map(({ handle }) => handle), ...said.cleanedControl]
  expect(cleaned.sort()).toEqual([...servers[1]!.handles].sort())
  expect(await isWhole(living)).toBe(true)
  await whenBusy(third)
  await heir.call('close')
  await living.member.call('close')
  console.log(`(d) ${names.length} objects of 3 servers and 2 groups, no name twice, none touched`)
})

seal()
