/**
 * Kills a member before every single store to shared bookkeeping, of every operation, on every
 * backend, with and without a main region; another member must then find all as it must be, and be
 * able to go on. Without --for it goes through all of them; with it, it takes samples.
 * It misses what happens between two stores: that is for kills at every system call.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Dsm, openDsm, type Segment } from '@dsm/core'
import { Auditor } from '../auditor.js'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../campaign.js'
import { Child } from '../child.js'
import { type KillOptions, operations, type Survived } from '../kill-operations.js'
import { groupDirectory, isGone, keysOfThisProcess, Objects } from '../machine.js'
import { Random } from '../random.js'
import { plant } from '../random-kill-canaries.js'
import { warningsTo } from '../warnings.js'

const REGIONS = [0, 1 << 16]
const AT_ONCE = 6
/** Most operations have fewer. */
const STORES_SAMPLED = 24
const WATCHDOG_MS = 60_000
const SWEPT_WITHIN_MS = 10_000
const SIZE = 5000

interface Case {
  readonly backend: Backend
  readonly region: number
  readonly operation: string
  /** From 1. */
  readonly store: number
}

const describe = ({ backend, region, operation, store }: Case): string =>
  `${backend}, main region ${region}, ${operation}, killed before store ${store}`

let groups = 0

/** One death and its autopsy. Returns how many stores the action has; null: it died in it. */
async function execute(
  one: Case,
  canary: string | null,
  problems: string[],
): Promise<number | null> {
  const tell = (problem: string): void => void problems.push(`${describe(one)}: ${problem}`)
  const group = `kill-stores-${process.pid}-${++groups}`
  const earlier = new Set(keysOfThisProcess())
  const dsm = openDsm({
    name: group,
    impl: one.backend,
    maxMembers: 4,
    maxSegments: 10,
    mainRegionSize: one.region,
    logger: warningsTo(tell),
  })
  const base = dsm.create(SIZE, { ownObject: true })
  const ours = new Set(keysOfThisProcess().filter(key => !earlier.has(key)))
  const objects = new Objects(one.backend, base.osName ?? '', ours)
  const makers = new Set([process.pid])
  const before = objects.list(makers)
  const options: KillOptions = { ...one, group, base: base.handle }
  const child = new Child('kill-child', {
    args: [JSON.stringify(options)],
    watchdogMs: WATCHDOG_MS,
  })
  makers.add(child.pid)
  const survived = await child.message<Survived>().catch(() => null)
  child.kill()
  const { signal } = await child.ended
  if (signal !== 'SIGKILL') tell(`the child ended by itself: ${child.stderr.join('')}`)
  const auditor = new Auditor(dsm, objects, before, makers)
  auditor.died(child.pid)
  await buried(dsm, tell)
  if (canary !== null) plant(canary, dsm, base)
  auditor.check()
  for (const problem of auditor.problems) tell(problem)
  goOn(dsm, tell)
  end(dsm, base, tell)
  const left = [...objects.list(new Set([child.pid]))].filter(name => !before.has(name))
  if (!isGone(groupDirectory(group))) left.push(groupDirectory(group))
  for (const name of left) tell(`left behind: ${name}`)
  return survived?.stores ?? null
}

async function buried(dsm: Dsm, tell: (problem: string) => void): Promise<void> {
  const deadline = performance.now() + SWEPT_WITHIN_MS
  while (dsm.members().length > 1) {
    if (performance.now() > deadline) {
      tell('the dead is still a member')
      return
    }
    await delay(50)
  }
}

/** The next one can do everything, in particular what the dead was doing. */
function goOn(dsm: Dsm, tell: (problem: string) => void): void {
  try {
    const segment = dsm.create(SIZE)
    dsm.publish('name', segment.handle)
    const made = dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1)).segment
    if (made.bytes.some(byte => byte !== 1)) tell('a named segment was not filled')
    made.detach()
    segment.detach()
  } catch (error) {
    tell(`the next one could not go on: ${(error as Error).stack}`)
  }
}

function end(dsm: Dsm, base: Segment, tell: (problem: string) => void): void {
  for (const { handle, pinned } of dsm.segments()) if (pinned) dsm.unpinSegment(handle)
  base.detach()
  for (const { handle, refcnt } of dsm.segments()) tell(`segment ${handle} (${refcnt}) is left`)
  const { mainRegion } = dsm.stats()
  if (mainRegion !== null && mainRegion.free !== mainRegion.largest) {
    tell(`free pages of an empty region are in pieces: ${JSON.stringify(mainRegion)}`)
  }
  dsm.close()
}

/** Some at once: most of the time is waiting for a sweep. */
async function atOnce(work: () => Promise<boolean>): Promise<void> {
  const worker = async (): Promise<void> => {
    while (await work());
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const kindsOf = (backends: readonly Backend[]): Case[] =>
  backends.flatMap(backend =>
    REGIONS.flatMap(region =>
      Object.keys(operations).map(operation => ({ backend, region, operation, store: 1 })),
    ),
  )

class Deaths {
  readonly problems: string[] = []
  kills = 0
  /** Kinds of which every store was killed at, or lived through. */
  complete = 0

  /** True: it died where it should. */
  async one(one: Case, canary: string | null = null): Promise<boolean> {
    const stores = await execute(one, canary, this.problems)
    if (stores === null) this.kills++
    return stores === null
  }

  /** Every store of every kind, in order. */
  async every(kinds: readonly Case[]): Promise<void> {
    const left = [...kinds]
    await atOnce(async () => {
      const kind = left.shift()
      if (kind === undefined) return false
      for (let store = 1; await this.one({ ...kind, store }); store++);
      this.complete++
      return true
    })
  }

  /** Any store of any kind, for so long. */
  async some(kinds: readonly Case[], seconds: number, random: Random): Promise<void> {
    const end = performance.now() + seconds * 1000
    await atOnce(async () => {
      const kind = random.pick(kinds)
      if (kind === undefined || performance.now() > end) return false
      await this.one({ ...kind, store: 1 + random.below(STORES_SAMPLED) })
      return true
    })
  }
}

async function run({ backends, canary, seconds, seed }: CampaignOptions): Promise<Outcome> {
  const kinds = kindsOf(backends)
  const deaths = new Deaths()
  if (canary !== null) await deaths.one(kinds[0]!, canary)
  else if (seconds > 0) await deaths.some(kinds, seconds, new Random(seed))
  else await deaths.every(kinds)
  const { kills, complete, problems } = deaths
  const figures = { backends: backends.join('+'), kinds: kinds.length, kills, complete }
  return { figures, problems }
}

export const killStores: Campaign = {
  name: 'kill-stores',
  summary: 'kill before every store of every operation: the next member goes on',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 15, cycles: 0 },
  canaries: ['orphan', 'lost', 'miscount'],
  run,
}
