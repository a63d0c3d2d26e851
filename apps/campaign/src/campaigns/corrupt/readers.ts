/**
 * Everything that reads a control segment, over one spoilt image each. A reader returns or throws a
 * DsmError; what else it does is told. Canaries are readers with a bug.
 */
import {
  type ControlLogger,
  type ControlView,
  cleanControlSegment,
  members,
  type OpenedGroup,
  readControlSegment,
  segments,
  stats,
} from '@dsm/control'
import { DsmError } from '@dsm/core'
import { FreePageError, FreePageManager } from '@dsm/freepage'
import type { Random } from '../../random.js'
import { corrupt, corruptImage, type Image } from './image.js'
import { spoiltPages } from './pages.js'
import { type CleaningGround, die, type Stage } from './stage.js'

export type ReaderName = 'read' | 'clean' | 'pages' | 'recover' | 'look' | 'join' | 'reopen'

/** How often each is drawn, of 10,000. The first ones make system calls by the hundred. */
const SHARES: readonly (readonly [ReaderName, number])[] = [
  ['reopen', 5],
  ['join', 15],
  ['look', 80],
  ['recover', 400],
  ['pages', 500],
  ['clean', 1500],
  ['read', 7500],
]

export function drawReader(random: Random): ReaderName {
  let left = random.below(10_000)
  for (const [name, share] of SHARES) {
    if (left < share) return name
    left -= share
  }
  return 'read'
}

const quiet = (): void => undefined
const logger: ControlLogger = { debug: quiet, info: quiet, warn: quiet, error: quiet }

export interface Scene {
  readonly stage: Stage
  readonly ground: CleaningGround
  readonly canary: string | null
  readonly random: Random
}

/** Runs one; returns what is wrong, if anything. */
type Reader = (scene: Scene) => string | null

/** null: it returned, or threw what it may. */
export function verdict(what: string, work: () => string | null): string | null {
  try {
    const problem = work()
    return problem === null ? null : `${what}: ${problem}`
  } catch (error) {
    if (DsmError.isInstance(error)) return null
    return `${what}: threw ${(error as Error)?.stack ?? String(error)}`
  }
}

/** The canary's: believes maxitems. */
function readTrusting(bytes: Uint8Array): ControlView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.length >= 16 ? view.getUint32(8, true) : 0
  for (let slot = 0; slot < count; slot++) view.getUint32(16 + 40 * slot, true)
  return readControlSegment(bytes)
}

/** The canary's: follows links until one is 0. */
function followLinks({ original: { geometry }, words }: Stage): void {
  for (let bucket = 0; bucket < geometry.bucketCount; bucket++) {
    let link = words[geometry.buckets + bucket]!
    while (link !== 0) link = words[geometry.extra + ((link - 1) & 7) * 16 + 10] ?? 0
  }
}

/** A view that says more than its bytes can hold is as bad as a throw. */
export function checkView(bytes: Uint8Array, canary: string | null): string | null {
  const { length } = bytes
  const view = canary === 'trust' ? readTrusting(bytes) : readControlSegment(bytes)
  const { sane, nitems, maxitems, slots } = view
  if (!sane) return slots.length === 0 ? null : 'slots of an insane segment'
  if (slots.length !== nitems || nitems > maxitems) return `${slots.length} slots of ${nitems}`
  return 16 + 40 * maxitems <= length ? null : `maxitems ${maxitems} in ${length} bytes`
}

export function clean(bytes: Uint8Array, ground: CleaningGround): string | null {
  const { control, namespace } = ground
  const cleaned = cleanControlSegment(bytes, control, namespace, logger)
  if (cleaned.removed.at(-1) !== control) return 'the control segment was not removed last'
  return cleaned.left.every(handle => handle === ground.handle) ? ground.problem() : 'left some'
}

/** Free pages with anything in their tree: opened, checked, taken from and given to. */
function managePages(random: Random): string | null {
  const { buffer, pages, what } = spoiltPages(random)
  try {
    const manager = FreePageManager.open(buffer)
    const taken = manager.get(1 + random.below(4))
    if (taken !== null) manager.put(taken, 1)
    manager.put(1 + random.below(pages - 1), 1)
    manager.check()
    if (random.oneIn(16)) manager.dump()
  } catch (error) {
    if (!(error instanceof FreePageError)) return `${what}: threw ${(error as Error).stack}`
  }
  return null
}

export function sweep({ living }: Stage): null {
  living.member.sweep()
  return null
}

export function look(group: OpenedGroup): null {
  for (const part of [
    () => segments(group.member),
    () => members(group.member, group.life.file),
    () => stats(group.member),
  ]) {
    try {
      part()
    } catch (error) {
      if (!DsmError.isInstance(error)) throw error
    }
  }
  return null
}

/** Joins the life that is spoilt, or begins another one beside it. */
export function join({ stage }: Pick<Scene, 'stage'>): null {
  const group = stage.open()
  try {
    look(group)
  } finally {
    stage.leave(group)
  }
  return null
}

/** Nobody lives in the group any more, and its control segment is anything of any length. */
function reopen({ stage, random }: Scene): Image {
  die(stage.living)
  const image = corruptImage(stage.original, random)
  stage.rewriteControl(image.bytes)
  return image
}

function inPlace(work: (scene: Scene) => string | null): Reader {
  return scene => {
    const { stage, random } = scene
    stage.restore()
    const what = corrupt(stage.words, stage.original, random)
    return verdict(what, () => work(scene))
  }
}

export const READERS: Readonly<Record<ReaderName, Reader>> = {
  read({ stage, random, canary }) {
    const { bytes, what } = corruptImage(stage.original, random)
    return verdict(what, () => checkView(bytes, canary))
  },
  clean({ stage, ground, random, canary }) {
    const { bytes, what } = corruptImage(stage.original, random)
    if (canary === 'removal') ground.spoil()
    return verdict(what, () => clean(bytes, ground))
  },
  pages: ({ random }) => managePages(random),
  recover: inPlace(({ stage, canary }) => {
    if (canary === 'loop') followLinks(stage)
    return sweep(stage)
  }),
  look: inPlace(({ stage }) => look(stage.living)),
  join: inPlace(join),
  reopen(scene) {
    const { what } = reopen(scene)
    return verdict(what, () => firstOf(scene.stage.leftAfterFreshOpen()))
  },
}

/** Here not even a DsmError will do: the next open has to succeed. */
export function firstOf(problems: Iterable<string>): string | null {
  try {
    const found = [...problems]
    return found.length === 0 ? null : found.join('; ')
  } catch (error) {
    return `a fresh open failed: ${(error as Error)?.stack ?? String(error)}`
  }
}
