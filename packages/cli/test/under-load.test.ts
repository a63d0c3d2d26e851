/**
 * Every command, again and again, against a group that is hard at work: what it says is true, no
 * member has a call that fails, and nothing of the group is touched.
 */
import { describe, expect, test } from 'vitest'
import type { GroupReport, LifeReport } from '../src/report.js'
import { dsm, json, KINDS, type Member, spawnDsm, usePlace } from './support/place.js'

const { place } = usePlace()
const ROUNDS = 25

/** What holds of one instant of any group, and so of what is called settled. */
function expectTrue({ content }: LifeReport): void {
  const used = new Set<number>([0])
  for (const segment of content!.segments) {
    const { refcnt, pinned, heldBy, state, firstPage, npages, handle, size } = segment
    if (state === 'live') expect(refcnt).toBe(1 + heldBy.length + Number(pinned))
    else expect(refcnt).toBe(1)
    expect(size).toBeGreaterThan(0)
    for (const index of state === 'live' ? heldBy : []) {
      expect(content!.members.find(member => member.index === index)!.handles).toContain(handle)
    }
    for (let page = firstPage ?? 0; page < (firstPage ?? 0) + (npages ?? 0); page++) {
      expect(used.has(page)).toBe(false)
      used.add(page)
    }
  }
  const names = content!.segments.flatMap(segment => segment.names)
  expect(new Set(names).size).toBe(names.length)
  const region = content!.mainRegion!
  expect(region.free).toBe(region.pages - used.size)
  const { created, destroyed, deaths } = content!.counters
  const now = content!.segments.length + 1 // the main region
  if (deaths === 0) expect(created - destroyed).toBeLessThanOrEqual(now)
}

async function lookOnce(): Promise<boolean> {
  const { groups } = await json('ls')
  const [group] = groups as GroupReport[]
  expect(group).toMatchObject({ name: 'busy', state: 'live', problem: null })
  expect(group!.lives).toHaveLength(1)
  const life = group!.lives[0]!
  expect(life).toMatchObject({ state: 'live', problem: null })
  expect(life.content!.members.filter(({ alive }) => alive)).toHaveLength(3)
  if (life.content!.settled) expectTrue(life)
  return life.content!.settled
}

describe.each(KINDS)('a busy group on %s', kind => {
  test('is seen as it is and not disturbed by ls, inspect, top, clean and doctor', async () => {
    const holder = await place().member({
      name: 'busy',
      kind,
      maxMembers: 8,
      maxSegments: 48,
      mainRegionSize: 1 << 19,
    })
    const kept = [
      await holder.call('create', 5000, { ownObject: true, name: 'object' }),
      await holder.call('create', 5000, { name: 'carved' }),
    ]
    const handles = kept.map(({ handle }) => handle)
    const workers: Member[] = []
    for (let n = 0; n < 2; n++) workers.push(await place().member({ name: 'busy' }))
    for (const worker of workers) await worker.call('churn', handles)
    let settled = 0
    for (let round = 0; round < ROUNDS; round++) {
      if (await lookOnce()) settled++
      expect((await dsm(['inspect', 'busy'], { columns: 80 })).code).toBe(0)
      expect((await dsm(['inspect', 'busy', 'object'])).stdout).toContain('2a 2a 2a 2a')
      expect((await dsm(['top', '--once'], { columns: 80 })).stdout).toContain('busy  live')
      expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'live', objects: [] }] })
      expect((await dsm(['clean', '--dry-run'])).code).toBe(0)
      const findings = round % 12 === 0 ? (await json('doctor')).findings : []
      expect(findings.filter(({ id }: { id: string }) => id === 'groups')).toMatchObject(
        round % 12 === 0 ? [{ level: 'ok' }] : [],
      )
    }
    for (const args of [['ls'], ['top', '--once'], ['inspect', 'busy'], ['clean']]) {
      expect(spawnDsm(args), args.join(' ')).toMatchObject({ code: 0, stderr: '' })
    }
    const done = await Promise.all(workers.map(worker => worker.call('stop')))
    for (const { failures } of done) expect(failures).toEqual([])
    const operations = done.reduce((sum, each) => sum + each.operations, 0)
    console.log(
      `${kind}: ${operations} operations beside it, ${settled} of ${ROUNDS} looks settled`,
    )
    expect(operations).toBeGreaterThan(1000)
    expect(settled).toBeGreaterThan(0)
    expect(await holder.call('attach', handles[0]).catch(String)).toMatch(/ALREADY_ATTACHED/)
  })
})

test('while members are killed at work, what is seen is true and nobody else fails', async () => {
  const holder = await place().member({
    name: 'busy',
    kind: 'posix',
    maxMembers: 8,
    maxSegments: 48,
    mainRegionSize: 1 << 19,
  })
  const handles = [(await holder.call('create', 5000, { name: 'object' })).handle]
  const steady = await place().member({ name: 'busy' })
  await steady.call('churn', handles)
  let settled = 0
  let looks = 0
  for (let victims = 0; victims < 8; victims++) {
    const victim = await place().member({ name: 'busy' })
    await victim.call('churn', handles)
    for (let look = 0; look < 6; look++) {
      if (look === 2) victim.signal('SIGKILL')
      const [group] = (await json('ls')).groups as GroupReport[]
      expect(group).toMatchObject({ state: 'live', problem: null })
      const life = group!.lives[0]!
      expect(life).toMatchObject({ state: 'live', problem: null })
      looks++
      if (!life.content!.settled) continue
      settled++
      expectTrue(life)
    }
    expect((await dsm(['top', '--once'])).code).toBe(0)
    expect(await json('clean')).toMatchObject({ groups: [{ outcome: 'live' }] })
  }
  const { failures, operations } = await steady.call('stop')
  console.log(`${operations} operations beside 8 deaths, ${settled} of ${looks} looks settled`)
  expect(failures).toEqual([])
  expect(settled).toBeGreaterThan(0)
})

test('a member that is stopped, or dead for a moment, delays nobody and is told as it is', async () => {
  const one = await place().member({ name: 'busy', kind: 'posix', maxMembers: 4, maxSegments: 8 })
  const other = await place().member({ name: 'busy' })
  other.signal('SIGSTOP')
  expect((await dsm(['inspect', 'busy'])).stdout).toMatch(/pid \d+ \((stopped|sleeping)\)/)
  expect(await json('ls')).toMatchObject({ groups: [{ state: 'live' }] })
  await other.kill()
  const { groups } = await json('ls')
  expect(groups[0].lives[0].state).toBe('live')
  expect((await dsm(['clean'])).stdout).toBe('busy lives; left alone\n')
  await one.call('close')
})

test('while members come and go, a group is never called dead that is not', async () => {
  const spec = { name: 'busy', kind: 'posix', maxMembers: 8, maxSegments: 8 }
  const member = await place().member(spec)
  await member.call('close')
  let ended = false
  const coming = (async () => {
    for (let n = 0; n < 150; n++) {
      await member.call('open', spec)
      await member.call('close')
    }
    ended = true
  })()
  const seen = new Set<string>()
  while (!ended) {
    for (const { state } of (await json('ls')).groups) seen.add(state)
    const { groups } = await json('clean')
    for (const { outcome } of groups) expect(['live', 'busy', 'removed']).toContain(outcome)
    await new Promise(resolve => setImmediate(resolve))
  }
  await coming
  expect(seen).not.toContain('dead')
  expect(seen).not.toContain('unreadable')
})
