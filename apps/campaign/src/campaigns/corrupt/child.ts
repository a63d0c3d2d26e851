/**
 * The program of the campaign `corrupt`: reads spoilt images, one after the other, by everything
 * that reads one, in one process. Before each it notes the image's number, so that its parent can
 * name the one at which it hung or crashed. Each image is drawn from (seed, number) alone.
 */
import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { posix } from '@dsm/impl-posix'
import { Child, childOptions } from '../../child.js'
import { Random } from '../../random.js'
import type { CorruptOptions, CorruptResult, ScribblerOptions } from './protocol.js'
import {
  checkView,
  clean,
  drawReader,
  firstOf,
  join,
  look,
  READERS,
  type ReaderName,
  type Scene,
  sweep,
  verdict,
} from './readers.js'
import { CleaningGround, die, Stage } from './stage.js'

/** Members open and close files; a long life of one group would hide what a short one shows. */
const IMAGES_PER_STAGE = 500
const READS_PER_SCRIBBLER = 2_000
const PROBLEMS_MAX = 20
const WATCHDOG_MS = 120_000

const options = childOptions<CorruptOptions>()
const { backends, canary, dir, seed } = options
const problems: string[] = []
const byReader: Record<string, number> = {}
const progress = openSync(options.progress, 'w')
const started = performance.now()
mkdirSync(dir, { recursive: true, mode: 0o700 })
const ground = new CleaningGround(posix(), dir)
let images = 0
let stages = 0

const isOver = (): boolean => {
  if (problems.length >= (canary === null ? PROBLEMS_MAX : 1)) return true
  if (options.images > 0) return images >= options.images
  return performance.now() - started > options.seconds * 1000
}

/** Readers of a copy take microseconds: of them not every one is worth a system call. */
const QUICK: readonly string[] = ['read', 'clean', 'pages']
const NOTED_ONE_IN = 64
const NOTE_CHARACTERS = 60

function begin(reader: string): void {
  images++
  byReader[reader] = (byReader[reader] ?? 0) + 1
  const quick = QUICK.includes(reader)
  if (quick && images % NOTED_ONE_IN !== 0) return
  const which = quick ? `image ${images} or one of the next ${NOTED_ONE_IN - 1}` : `image ${images}`
  writeSync(progress, `${which} of seed ${seed}, ${reader}`.padEnd(NOTE_CHARACTERS), 0)
}

function tell(reader: string, problem: string | null): void {
  if (problem === null) return
  problems.push(`image ${images} of seed ${seed}, ${reader}: ${problem}`)
}

function newStage(random: Random): Stage {
  const backend = backends[stages++ % backends.length]!
  const mainRegionSize = random.oneIn(3) ? 0 : 1 << 16
  return new Stage(backend, joinPath(dir, `group-${stages}`), mainRegionSize, [ground.handle])
}

/** What is left of a group that is in any state; half of the members leave, half of them die. */
function retire(stage: Stage, random: Random): void {
  tell(
    'leave',
    verdict('as it is', () => {
      if (random.oneIn(2)) die(stage.living)
      else stage.leave(stage.living)
      return null
    }),
  )
  tell('reopen', firstOf(stage.leftAfterFreshOpen()))
}

/** Images that stand still while they are read. */
async function still(): Promise<void> {
  while (!isOver()) {
    let random = new Random(seed ^ images)
    const stage = newStage(random)
    for (let read = 0; read < IMAGES_PER_STAGE && !isOver(); read++) {
      random = new Random(seed ^ Math.imul(images + 1, 0x9e3779b1))
      const reader = drawReader(random)
      begin(reader)
      const scene: Scene = { stage, ground, canary, random }
      tell(reader, READERS[reader](scene))
      if (reader === 'reopen') break
    }
    if (existsLiving(stage)) retire(stage, random)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** `reopen` has ended it already. */
function existsLiving({ living }: Stage): boolean {
  return living.life.mapping.buffer.byteLength > 0
}

function readChanging(stage: Stage, random: Random): void {
  const bytes = new Uint8Array(stage.words.buffer)
  const works: Partial<Record<ReaderName, () => string | null>> = {
    read: () => checkView(bytes, null),
    clean: () => clean(bytes, ground),
    look: () => look(stage.living),
    recover: () => sweep(stage),
    join: () => join({ stage }),
  }
  const drawn = drawReader(random)
  const reader = works[drawn] === undefined ? 'join' : drawn
  begin(`${reader} while it changes`)
  tell(reader, verdict('changing', works[reader]!))
}

async function changing(): Promise<void> {
  while (!isOver()) {
    const random = new Random(seed ^ images)
    const stage = newStage(random)
    const { place } = stage
    const { geometry } = stage.original
    const backend = stage.impl.kind as ScribblerOptions['backend']
    const args: ScribblerOptions = { ...place, seed: random.fork(), backend, geometry }
    const scribbler = new Child('campaigns/corrupt/scribbler', {
      args: [JSON.stringify(args)],
      watchdogMs: WATCHDOG_MS,
    })
    await scribbler.message()
    for (let read = 0; read < READS_PER_SCRIBBLER && !isOver(); read++) readChanging(stage, random)
    scribbler.kill()
    const { signal } = await scribbler.ended
    if (signal !== 'SIGKILL') tell('scribbler', scribbler.stderr.join(''))
    retire(stage, random)
  }
}

const isSanitized = (): boolean =>
  readFileSync('/proc/self/maps', 'utf8').includes('/build/address/')

if (options.sanitized && !isSanitized()) throw new Error('the addons are not sanitized')
await (options.concurrent ? changing() : still())
ground.end()
process.send?.({ images, byReader, problems } satisfies CorruptResult)
process.disconnect()
