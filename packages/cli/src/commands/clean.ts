/**
 * `dsm clean`: removes what dead groups left, by the rules of `openDsm` itself: a life is dead if
 * no member's byte is held, seen while byte 0 of the group is ours. A group that lives, sleeps or
 * is being opened by somebody is left alone, and so is everything that is not provably ours.
 */
import { existsSync } from 'node:fs'
import { type ControlLogger, cleanGroup, type GroupDirectory, objectsOf } from '@dsm/control'
import { DsmError } from '@dsm/impl'
import type { Console } from '../console.js'
import { type Found, findAll } from '../groups.js'
import { mechanism } from '../mechanisms.js'
import { jsonText } from '../report.js'
import { plural, printable } from '../text/format.js'

export interface CleanedGroup {
  readonly name: string
  readonly path: string
  /**
   * removed: nothing of it is left. cleaned: a dead life went, and another stays. would remove: so
   * it is with --dry-run. live, asleep: nothing to do. busy: somebody has its lock file. failed:
   * see `problems`.
   */
  readonly outcome: 'removed' | 'cleaned' | 'would remove' | 'live' | 'asleep' | 'busy' | 'failed'
  /** Names of the objects that went, or would go. */
  readonly objects: readonly string[]
  readonly problems: readonly string[]
}

export interface CleanReport {
  readonly version: number
  readonly dryRun: boolean
  readonly groups: readonly CleanedGroup[]
}

export interface CleanOptions {
  readonly json?: boolean
  readonly dryRun?: boolean
}

export function clean(out: Console, groups: readonly string[], options: CleanOptions): number {
  const dryRun = options.dryRun === true
  const cleaned = findAll(groups).map(found => cleanFound(found, dryRun))
  if (options.json) out.write(jsonText({ dryRun, groups: cleaned }))
  else out.write(cleanText(out, cleaned))
  const wrong = ({ outcome, problems }: CleanedGroup): boolean =>
    outcome === 'failed' || outcome === 'would remove' || problems.length > 0
  return cleaned.some(wrong) ? 1 : 0
}

function cleanFound(found: Found, dryRun: boolean): CleanedGroup {
  const { directory, survey, problem } = found
  const { name, path } = directory
  if (survey === null) {
    return { name, path, outcome: 'failed', objects: [], problems: [problem!.message] }
  }
  const states = survey.lives.map(({ state }) => state)
  const deadOnes = states.filter(state => state === 'dead').length
  const staying = states.find(state => state !== 'dead')
  if (states.includes('busy')) return { name, path, outcome: 'busy', objects: [], problems: [] }
  if (deadOnes === 0 && staying !== undefined) {
    const outcome = states.includes('live') ? 'live' : 'asleep'
    return { name, path, outcome, objects: [], problems: [] }
  }
  return dryRun ? plan(found) : perform(directory)
}

function plan({ directory, survey }: Found): CleanedGroup {
  const { name, path } = directory
  const dead = survey!.lives.filter(({ state }) => state === 'dead')
  try {
    const objects = dead.flatMap(({ record }) => objectsOf(directory, record, mechanism))
    return { name, path, outcome: 'would remove', objects, problems: [] }
  } catch (error) {
    return failed(directory, error)
  }
}

function perform(directory: GroupDirectory): CleanedGroup {
  const { name, path } = directory
  const problems: string[] = []
  try {
    const done = cleanGroup(directory, mechanism, listener(problems))
    const objects = done.lives.flatMap(life => life.objects)
    for (const file of done.unknown) problems.push(`not known, and left: ${path}/${file}`)
    if (done.busy) return { name, path, outcome: 'busy', objects, problems }
    if (done.directoryRemoved) return { name, path, outcome: 'removed', objects, problems }
    const outcome = done.unknown.length > 0 ? 'failed' : done.lives.length > 0 ? 'cleaned' : 'live'
    return { name, path, outcome, objects, problems }
  } catch (error) {
    return { ...failed(directory, error), problems: [...problems, (error as Error).message] }
  }
}

function failed({ name, path }: GroupDirectory, error: unknown): CleanedGroup {
  if (!DsmError.isInstance(error)) throw error
  const still = existsSync(path)
  const outcome = still ? 'failed' : 'removed'
  return { name, path, outcome, objects: [], problems: still ? [error.message] : [] }
}

/** What the cleaning warns of is what it left. */
function listener(problems: string[]): ControlLogger {
  const silent = (): void => {}
  const note = (message: string, fields: object): void => {
    const { name, error } = fields as { name?: string; error?: Error }
    problems.push([message, name, error?.message].filter(Boolean).join(': '))
  }
  return { debug: silent, info: silent, warn: note, error: note }
}

const SENTENCES: Record<CleanedGroup['outcome'], string> = {
  removed: 'was dead; removed',
  cleaned: 'lives; what an older life left is removed',
  'would remove': 'is dead; would be removed',
  live: 'lives; left alone',
  asleep: 'has no members and keeps pinned segments (persist); left alone',
  busy: 'is being opened, closed or cleaned by somebody; left alone',
  failed: 'could not be cleaned',
}

function cleanText({ colors }: Console, groups: readonly CleanedGroup[]): string {
  if (groups.length === 0) return 'There is no group: nothing to clean.\n'
  const lines = groups.flatMap(({ name, outcome, objects, problems }) => {
    const count = objects.length > 0 ? ` (${plural(objects.length, 'object')})` : ''
    const sentence = `${colors.bold(printable(name))} ${SENTENCES[outcome]}${count}`
    return [
      outcome === 'failed' ? colors.red(sentence) : sentence,
      ...objects.map(object => colors.dim(`  ${printable(object)}`)),
      ...problems.map(problem => colors.red(`  ${printable(problem)}`)),
    ]
  })
  return `${lines.join('\n')}\n`
}
