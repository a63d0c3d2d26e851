/**
 * (b) A PostgreSQL server is killed with SIGKILL, all its processes in one instant: our clean-up
 * removes what it left, by its control segment and our own names, and nothing else; the server
 * starts again and finds nothing to do.
 */
import { readControlSegment } from '@dsm/control'
import { describe, expect } from 'vitest'
import { expectAgreement, nameOf, objectSlots } from './support/agreement.js'
import { useJudge } from './support/judge.js'
import { judged } from './support/programs.js'
import type { FoundObject, Kind, Look, Server } from './support/server.js'

const { judge, seal } = useJudge()
let made: Server | null = null
const theServer = async (): Promise<Server> => {
  made ??= await judge().server()
  return made
}

/** With parallel queries in its hands. */
async function killedAtWork(server: Server, kind: Kind): Promise<Look> {
  await server.start(kind)
  await server.holdParallel(2)
  await server.holdParallelScan()
  const look = await server.lookUntil((seen, { slots }) => {
    expectAgreement(kind, seen)
    expect(slots.filter(({ refcnt }) => refcnt >= 3)).toHaveLength(7)
  })
  await server.kill()
  return look
}

const handlesOf = (look: Look): number[] => [
  ...objectSlots(look.control).map(({ handle }) => handle),
  look.header.handle,
]

const among = (objects: readonly FoundObject[], names: readonly string[]): string[] =>
  objects.map(({ name }) => name).filter(name => names.includes(name))

describe.each<Kind>(['posix', 'sysv'])('dynamic_shared_memory_type %s', kind => {
  judged('every orphan of a killed server is removed, its control segment last', async () => {
    const server = await theServer()
    const look = await killedAtWork(server, kind)
    const handles = handlesOf(look)
    const names = handles.map(handle => nameOf(kind, handle))
    const orphans = among(await server.objects(), names)
    expect(orphans.sort()).toEqual([...names].sort())
    const cleaned = await server.clean()
    expect(cleaned).toEqual({ sane: true, removed: handles, left: [], warnings: [] })
    expect(among(await server.objects(), names)).toEqual([])
    console.log(`(b) ${kind}: ${orphans.length} orphans of a killed server, all removed`)
  })

  judged('cleaning again finds nothing, and complains of nothing', async () => {
    const server = await theServer()
    const { handle } = await server.header()
    const cleaned = await server.clean()
    expect(cleaned).toEqual({ sane: false, removed: [handle], left: [], warnings: [] })
  })

  judged('the server starts again, cleans nothing, and runs parallel queries', async () => {
    const server = await theServer()
    const { handle } = await server.header()
    await server.start(kind)
    const said = await server.said()
    expect(said).toMatchObject({ cleaned: [], cleanedControl: [], failed: [] })
    if (kind === 'posix') expect(said.notThere).toEqual([nameOf(kind, handle)])
    await server.holdParallelScan()
    await server.lookUntil((seen, { slots }) => {
      expectAgreement(kind, seen)
      expect(slots.filter(({ refcnt }) => refcnt === 5)).toHaveLength(2)
    })
    expect(await server.ask('select count(*) from t')).toBe('5000')
    await server.stop()
  })
})

describe('what is not the server’s', () => {
  judged('objects with similar names stay, and so does one that took the name of one', async () => {
    const server = await theServer()
    const look = await killedAtWork(server, 'posix')
    const handles = handlesOf(look)
    const [taken, ...others] = handles
    // Killed while it was being removed, as refcnt 1 says: it goes like the others.
    const slot = readControlSegment(look.control).slots.findIndex(each => each.handle === others[0])
    const refcntAt = 16 + 40 * slot + 4
    await server.steward.call('overwrite', look.controlName, refcntAt, Buffer.of(1, 0, 0, 0))
    // Not a private file of ours any more: as if somebody else had the name now.
    await server.steward.call('changeMode', nameOf('posix', taken!), 0o644)
    const bystanders = ['/PostgreSQL.2', '/PostgreSQL.', `/PostgreSQL.${others[0]}.bak`]
    for (const name of bystanders) await server.steward.call('plant', name, Buffer.from('mine'))
    const cleaned = await server.clean()
    const warnings = ['left an object that is not ours under a name of ours']
    expect(cleaned).toEqual({ sane: true, removed: others, left: [taken], warnings })
    const stay = [...bystanders, nameOf('posix', taken!)]
    expect(among(await server.objects(), stay).sort()).toEqual([...stay].sort())
    const gone = others.map(handle => nameOf('posix', handle))
    expect(among(await server.objects(), gone)).toEqual([])
    for (const name of stay) await server.steward.call('remove', name)
  })

  judged('a corrupt control segment names nothing and goes itself', async () => {
    const server = await theServer()
    const look = await killedAtWork(server, 'posix')
    const names = handlesOf(look).map(handle => nameOf('posix', handle))
    await server.steward.call('overwrite', look.controlName, 0, Buffer.from([0]))
    const cleaned = await server.clean()
    const { handle } = look.header
    expect(cleaned).toEqual({ sane: false, removed: [handle], left: [], warnings: [] })
    const left = among(await server.objects(), names)
    expect(left.sort()).toEqual(names.filter(name => name !== look.controlName).sort())
    for (const name of left) await server.steward.call('remove', name)
  })
})

seal()
