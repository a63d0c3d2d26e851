/**
 * The memory of N processes that hold the same 256 MiB: one segment, or a copy each. What counts is
 * the proportional set size, in which a shared page is divided among those who share it.
 */
import { readFileSync } from 'node:fs'
import { Companion } from '../companion.js'
import { groupName, makeGroup } from '../group.js'
import type { Contender, Race, Scale, Trial } from '../trial.js'

const PROCESSES = [2, 4, 8]
const sizeAt = (scale: Scale): number => (scale === 'tiny' ? 1 : 256) * 2 ** 20

function proportionalBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024
}

async function begun(count: number, words: readonly string[]): Promise<Companion[]> {
  const all = Array.from({ length: count }, () => new Companion('role-child', words))
  for (const companion of all) await companion.next()
  return all
}

const memoryOf = (all: readonly Companion[]): number =>
  all.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0)

const closeAll = (all: readonly Companion[]): Promise<unknown> =>
  Promise.all(all.map(companion => companion.close()))

const sharing = (count: number): Contender => ({
  name: 'one segment',
  ...(count > 2 ? { notTiny: true } : {}),
  async open(scale) {
    const dsm = makeGroup('posix')
    const segment = dsm.create(sizeAt(scale))
    segment.bytes.fill(1)
    const all = await begun(count, ['sharer', groupName(), String(segment.handle)])
    segment.detach() // it is theirs alone now
    return {
      batch: () => memoryOf(all),
      async close() {
        await closeAll(all)
        dsm.close()
      },
    }
  },
})

const copying = (count: number): Contender => ({
  name: 'a copy each',
  ...(count > 2 ? { notTiny: true } : {}),
  async open(scale) {
    const all = await begun(count, ['copier', '', String(sizeAt(scale))])
    return {
      batch: () => memoryOf(all),
      async close() {
        await closeAll(all)
      },
    }
  },
})

const race = (count: number): Race => ({
  name: `memory of ${count} processes`,
  what: `${count} Node processes that hold the same 256 MiB: memory of all together`,
  unit: 'bytes',
  contenders: [sharing(count), copying(count)],
  comparisons: [{ ours: 'one segment', theirs: 'a copy each', goal: null }],
  lengths: {
    full: { warmUp: 0, batch: 1, samples: 3, turns: 1 },
    quick: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
    tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
  },
})

export const memory: Trial = {
  name: 'memory',
  what: 'memory of processes that hold the same bytes',
  races: PROCESSES.map(race),
}
