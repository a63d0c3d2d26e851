/**
 * Control segments that nobody of us wrote: with bits flipped, fields changed to what a reader
 * might trust, cut short, too long, of another layout or magic, PostgreSQL's, another file's, zero,
 * random, and changing while they are read. They go through everything that reads one:
 * `readControlSegment`, `cleanControlSegment`, joining, looking, recovery by a living member, and
 * the clean-up of a dead group by the next open; and so do free pages with anything in their tree.
 * Each returns or throws a typed error; nothing foreign goes; a fresh open works, and all is gone.
 * Mechanisms whose names carry the life's nonce only: of System V nothing tells whose a segment is
 * once the table that named it is spoilt.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { isLost, watch } from '../../watched-child.js'
import type { CorruptOptions, CorruptResult } from './protocol.js'
import { sanitizedEnvironment } from './sanitized.js'
import { cleanUpAfter, type OwnNames } from './stage.js'

/** Reading an image takes microseconds; the slowest wait for a lock. */
const HUNG_AFTER_MS = 60_000
const CANARY_HUNG_AFTER_MS = 3_000
/** Of the images that are asked for, those that change while they are read. */
const CHANGING_SHARE = 20
/** Whoever runs for long has the machine: one for each core, and those who change. */
const STILL_AT_ONCE = 2

async function runChild(
  options: CorruptOptions,
  env: Readonly<Record<string, string>>,
): Promise<CorruptResult> {
  const hungAfterMs = options.canary === null ? HUNG_AFTER_MS : CANARY_HUNG_AFTER_MS
  const watched = { program: 'campaigns/corrupt/child', options, env, hungAfterMs }
  const result = await watch<CorruptResult>(watched)
  if (!isLost(result)) return result
  cleanUpAfter(options.dir)
  return { images: 0, byReader: {}, problems: [`${result.at}: ${result.how}`] }
}

const ownsNames = (backend: string): backend is OwnNames =>
  backend === 'posix' || backend === 'mmap'

async function run(options: CampaignOptions): Promise<Outcome> {
  const { canary, cycles, seconds, seed } = options
  const backends = options.backends.filter(ownsNames)
  if (backends.length === 0) {
    const why = 'corrupt was not run: it needs posix or mmap'
    return { figures: { images: 0, why }, problems: [] }
  }
  const env = sanitizedEnvironment()
  const place = mkdtempSync(join(tmpdir(), 'dsm-corrupt-'))
  const part = (name: string, images: number, own: number): CorruptOptions => ({
    ...{ seed: own, images, seconds, backends, canary, sanitized: env !== null },
    ...{ dir: join(place, name), progress: join(place, `${name}.progress`) },
    concurrent: name === 'changing',
  })
  const started = performance.now()
  const images = seconds > 0 ? 0 : Math.ceil(cycles / STILL_AT_ONCE)
  const still = canary === null ? STILL_AT_ONCE : 1
  const parts = Array.from({ length: still }, (_, at) => part(`still-${at}`, images, seed + at))
  const changing = Math.ceil(images / CHANGING_SHARE)
  if (canary === null) parts.push(part('changing', changing, seed))
  const results = await Promise.all(parts.map(options => runChild(options, env ?? {})))
  rmSync(place, { recursive: true, force: true })
  return outcome(backends, results, env !== null, (performance.now() - started) / 1000)
}

function outcome(
  backends: readonly OwnNames[],
  results: readonly CorruptResult[],
  sanitized: boolean,
  seconds: number,
): Outcome {
  const sum = new Map<string, number>()
  for (const [reader, count] of results.flatMap(({ byReader }) => Object.entries(byReader))) {
    sum.set(reader, (sum.get(reader) ?? 0) + count)
  }
  const figures = {
    backends: backends.join('+'),
    images: results.reduce((total, result) => total + result.images, 0),
    ...Object.fromEntries([...sum].sort(([one], [other]) => (one < other ? -1 : 1))),
    ...(sanitized ? { addons: 'under AddressSanitizer' } : {}),
    seconds,
  }
  return { figures, problems: results.flatMap(result => result.problems) }
}

export const corrupt: Campaign = {
  name: 'corrupt',
  summary: 'control segments with anything in them, read by everything that reads one',
  defaults: { seconds: 0, cycles: 2_000_000 },
  short: { seconds: 0, cycles: 200_000 },
  canaries: ['trust', 'loop', 'removal'],
  run,
}
