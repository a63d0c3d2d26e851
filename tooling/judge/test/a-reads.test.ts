/**
 * (a) readControlSegment on the control segment of a living PostgreSQL server, held against what
 * the server says of itself and against what the kernel says that its processes have mapped.
 */
import { readControlSegment } from '@dsm/control'
import { isMainRegionHandle } from '@dsm/impl'
import { describe, expect } from 'vitest'
import { expectAgreement, nameOf, objectSlots } from './support/agreement.js'
import { useJudge } from './support/judge.js'
import { judged } from './support/programs.js'
import type { Kind, Server } from './support/server.js'

const { judge, seal } = useJudge()
let made: Server | null = null
const theServer = async (): Promise<Server> => {
  made ??= await judge().server()
  return made
}

const HEADER_MAGIC = 679_834_894

describe.each<Kind>(['posix', 'sysv', 'mmap'])('dynamic_shared_memory_type %s', kind => {
  judged('the header leads to the control segment that the server says it made', async () => {
    const server = await theServer()
    await server.start(kind)
    const look = await server.lookUntil(() => {})
    const said = await server.said()
    const view = readControlSegment(look.control)
    expect(look.header.magic).toBe(HEADER_MAGIC)
    expect(look.header.handle).toBe(said.control)
    expect(look.controlName).toBe(nameOf(kind, said.control))
    expect(look.control.length).toBe(said.controlBytes)
    expect(view).toMatchObject({ sane: true, magic: 0x9a503d32, maxitems: said.slots })
    expect(16 + 40 * view.maxitems).toBe(said.controlBytes)
    for (const [, names] of look.maps.slice(0, 1)) expect(names).toContain(look.controlName)
  })

  judged('with parallel queries asleep, slots and mappings agree to the last count', async () => {
    const server = await theServer()
    await server.holdParallel(2)
    await server.holdParallelScan()
    const look = await server.lookUntil((seen, view) => {
      expectAgreement(kind, seen)
      // Two each of the three sessions (one of the session, one of the query).
      const shared = view.slots.filter(({ refcnt, pinned }) => refcnt >= 3 && !pinned)
      expect(shared).toHaveLength(6)
      expect(shared.filter(({ refcnt }) => refcnt === 5)).toHaveLength(2) // a leader, three workers
    })
    const slots = objectSlots(look.control)
    expect(slots.some(({ pinned }) => pinned)).toBe(true) // the server's statistics
    const processes = look.maps.filter(([, names]) => names.length > 1)
    console.log(
      `(a) ${kind}: ${slots.length} segments, ${processes.length} processes with mappings, ` +
        `references ${slots.map(({ refcnt }) => refcnt).join(' ')}: all agree`,
    )
  })

  judged('when the queries are cancelled the slots are free and the mappings gone', async () => {
    const server = await theServer()
    const cancel = 'select count(pg_terminate_backend(pid)) from pg_stat_activity'
    await server.ask(`${cancel} where query like '%pg_sleep%' and pid <> pg_backend_pid()`)
    const look = await server.lookUntil((seen, view) => {
      expectAgreement(kind, seen)
      expect(view.slots.filter(({ refcnt, pinned }) => refcnt > 0 && !pinned)).toEqual([])
    })
    const { nitems, slots } = readControlSegment(look.control)
    expect(slots).toHaveLength(nitems)
    expect(slots.filter(({ refcnt }) => refcnt === 0).length).toBeGreaterThanOrEqual(6)
    await server.stop()
    const names = new Set(slots.map(({ handle }) => nameOf(kind, handle)))
    const left = (await server.objects()).filter(({ name }) => names.has(name))
    expect(left).toEqual([])
  })
})

describe('min_dynamic_shared_memory', () => {
  const MEGABYTES = 8
  judged(
    'segments of the main region are odd, are page runs inside it, and no objects',
    async () => {
      const server = await theServer()
      await server.start('posix', { min_dynamic_shared_memory: `${MEGABYTES}MB` })
      await server.holdParallel(2)
      await server.holdParallelScan()
      const look = await server.lookUntil((seen, view) => {
        expectAgreement('posix', seen)
        const inRegion = view.slots.filter(
          ({ handle, refcnt }) => refcnt >= 3 && isMainRegionHandle(handle),
        )
        expect(inRegion.length).toBeGreaterThanOrEqual(6)
      })
      const used = readControlSegment(look.control).slots.filter(({ refcnt }) => refcnt > 0)
      const runs = used.filter(({ handle }) => isMainRegionHandle(handle))
      expect(runs.every(({ npages }) => npages > 0)).toBe(true)
      const inOrder = runs.sort((one, other) => one.firstPage - other.firstPage)
      const ends = inOrder.map(({ firstPage, npages }) => firstPage + npages)
      expect(inOrder[0]!.firstPage).toBeGreaterThanOrEqual(1) // page 0 holds the free-page manager
      expect(ends.at(-1)).toBeLessThanOrEqual((MEGABYTES << 20) / 4096)
      inOrder.slice(1).forEach(({ firstPage }, n) => {
        expect(firstPage).toBeGreaterThanOrEqual(ends[n]!)
      })
      await server.stop()
    },
  )
})

seal()
