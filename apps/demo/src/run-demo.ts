/**
 * The order of the demo: count in one process, compare the ways of handing over, count together on
 * each backend, once more with a member killed, report, look for leftovers. What each step does is
 * elsewhere; what a test wants to be different it hands in.
 */
import { availableParallelism } from 'node:os'
import { countTogether } from './count-together.js'
import { Crew } from './crew.js'
import { isOfThisRun } from './groups.js'
import { compareHandOver } from './hand-over.js'
import { lookForLeftovers } from './leftovers.js'
import type { DemoOptions } from './options.js'
import type { Output } from './progress.js'
import {
  type BackendCount,
  type BackendSurvival,
  countTable,
  handOverTable,
  leftoverLines,
  memoryTable,
  survivalTable,
  topTable,
} from './report.js'
import { difference } from './result.js'
import { isWhole, survive } from './survive.js'
import { fileText, installedSources, type TextSource } from './text-source.js'
import { duration, integer, mebibytes } from './units.js'

/** What a run uses, and a test may replace. */
export interface Steps {
  readonly countAlone: typeof countAlone
  readonly countTogether: typeof countTogether
  readonly survive: typeof survive
  readonly compareHandOver: typeof compareHandOver
  readonly lookForLeftovers: () => ReturnType<typeof lookForLeftovers>
}

const realSteps: Steps = {
  countAlone,
  countTogether,
  survive,
  compareHandOver,
  lookForLeftovers: () => lookForLeftovers(isOfThisRun, Crew.everyPid),
}

/** In a process of its own, which has its own copy of the text and no shared memory. */
function countAlone(source: TextSource) {
  return Crew.employ(1, crew => crew.ask(0, 'countAlone', { source }))
}

/** @returns the exit code: 1 if a count is wrong or something is left behind, else 0 */
export async function runDemo(
  options: DemoOptions,
  output: Output,
  replaced: Partial<Steps> = {},
): Promise<number> {
  const steps = { ...realSteps, ...replaced }
  const print = (line: string) => output.write(`${line}\n`)
  const { file, memberCount, backends, kill } = options
  const source = file === null ? installedSources(import.meta.dirname) : fileText(file)
  print(`text: ${source.title}; ${mebibytes(source.sizeBytes)}`)

  const alone = await steps.countAlone(source)
  print(`one process alone: ${integer(alone.result[0]!)} words in ${duration(alone.elapsedMs)}`)
  const first = backends[0]!
  print(`handing the text to ${memberCount} processes in both ways, to be compared ...`)
  const handOver = await steps.compareHandOver(first, source, memberCount)
  print(`now ${memberCount} members count a share each, on ${availableParallelism()} processors`)
  const counts: BackendCount[] = []
  for (const backend of backends) {
    const counted = await steps.countTogether(backend, source, memberCount, output)
    counts.push({ backend, ...counted, difference: difference(counted.result, alone.result) })
  }

  const kills: BackendSurvival[] = []
  if (kill && memberCount < 2) print('nobody is killed: there would be nobody left to go on')
  else if (kill) {
    print('once more, and one member is killed halfway, holding a lock')
    for (const backend of backends) {
      const survival = await steps.survive(backend, source, memberCount)
      kills.push({ backend, ...survival, difference: difference(survival.result, alone.result) })
    }
  }

  print(countTable(counts, alone.elapsedMs))
  if (kills.length > 0) print(survivalTable(kills))
  print(topTable(counts[0]!.top))
  print(handOverTable(handOver))
  print(`(${first}; medians; joining the group, once per process: ${duration(handOver.joinMs)})`)
  print(memoryTable(handOver))
  const wrong = [...counts, ...kills].filter(count => count.difference !== null)
  const hurt = kills.filter(survival => !isWhole(survival))
  for (const { backend } of hurt) print(`WRONG: ${backend} did not get back what the dead one held`)
  for (const { backend, difference } of wrong) {
    print(`WRONG: ${backend} found ${difference}, which one process found`)
  }
  const leftovers = await steps.lookForLeftovers()
  print(leftoverLines(leftovers))
  return wrong.length + hurt.length > 0 || leftovers.ours.length > 0 ? 1 : 0
}
