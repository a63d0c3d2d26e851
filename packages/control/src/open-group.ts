/**
 * Opening a group: joining the life that has members, or cleaning what a dead one left and making
 * another. All under byte 0 of the group's lock file.
 * Seed: dsm_postmaster_startup and dsm_backend_startup, which of the two being decided here.
 */
import { DsmError, type DsmImpl, isMainRegionHandle } from '@dsm/impl'
import { type ControlOptions, layoutMismatch } from './control-segment.js'
import {
  type Attended,
  type Cleaner,
  cleanDeadLives,
  implOf,
  removeGroupFiles,
} from './dead-lives.js'
import { enterGate } from './gate.js'
import { directoryExists, type GroupDirectory } from './group-directory.js'
import { assertLocalFilesystem, assertOwnRights } from './host.js'
import { DEFAULT_MAX_MEMBERS, defaultMaxSegments, EXTRA, LAYOUT, SLOT } from './layout.js'
import { leaveGroup } from './leave-group.js'
import { attended, isOver, type Life, makeLife, mapLife, unmapLife } from './life.js'
import { MAIN_REGION_SIZE_MAX, MainRegion } from './main-region.js'
import { Member } from './member.js'
import { claimEntry } from './registration.js'
import { loadWide } from './shared-words.js'
import { type LifeRecord, readState } from './state-file.js'
import { runSync, type Steps } from './steps.js'
import { type Turn, Unfinished } from './unfinished.js'

/** How a group is to be joined or made. */
export interface OpenOptions extends Cleaner {
  /** For the group if this call makes it; undefined: the default. */
  readonly maxMembers: number | undefined
  readonly maxSegments: number | undefined
  readonly persist: boolean | undefined
  /** Bytes; 0 or undefined: no main region. */
  readonly mainRegionSize: number | undefined
  /** Refuse if anybody is in. */
  readonly exclusive: boolean
  readonly lockTimeoutMs: number
}

/** What a member of a group has open. */
export interface OpenedGroup {
  readonly directory: GroupDirectory
  readonly impl: DsmImpl
  /** With what the last one out cleans other lives of this group. */
  readonly cleaner: Cleaner
  readonly life: Life
  readonly member: Member
}

/**
 * Joins the newest life that has members, or makes another.
 * @throws DSM_NOT_FOUND (no group and no impl), DSM_IN_USE, DSM_IMPL_MISMATCH, DSM_IMPL_MISSING,
 *   DSM_LAYOUT_MISMATCH, DSM_TOO_MANY_MEMBERS, DSM_DIR_INSECURE, DSM_LOCK_TIMEOUT, DSM_ACCESS,
 *   DSM_UNSUPPORTED, and what making a segment throws.
 */
export const openGroup = (options: OpenOptions, turn: Turn = 'sync'): Steps<OpenedGroup> =>
  openAndHold(options, turn, group => group)

/**
 * As `openGroup`, for one who makes something of the group. That still counts as opening: should it
 * be cut or throw, the member leaves again. @throws what `hold` throws, too
 */
export function* openAndHold<Holder>(
  options: OpenOptions,
  turn: Turn,
  hold: (group: OpenedGroup) => Holder,
): Steps<Holder> {
  const { directory, impl, lockTimeoutMs } = options
  const deadline = performance.now() + lockTimeoutMs
  assertOwnRights()
  assertLocalFilesystem(directory.path)
  if (impl === null && !directoryExists(directory)) throw noGroup(directory)
  const unfinished = Unfinished.begin(directory.path, turn)
  let held = false
  try {
    const group = yield* enterGroup(options, deadline, unfinished)
    unfinished.opened(() => runSync(leaveGroup(group, lockTimeoutMs)))
    const holder = hold(group)
    held = true
    return holder
  } finally {
    if (held) unfinished.end()
    else unfinished.undoSoon()
  }
}

/** Under byte 0. */
function* enterGroup(
  options: OpenOptions,
  deadline: number,
  unfinished: Unfinished,
): Steps<OpenedGroup> {
  const { directory, impl } = options
  const gate = yield* enterGate(directory, impl !== null, deadline, unfinished)
  if (gate === null) throw noGroup(directory)
  try {
    return joinOrMake(options, unfinished)
  } catch (error) {
    leaveNothingBehind(options)
    throw error
  } finally {
    gate.close()
  }
}

function joinOrMake(options: OpenOptions, unfinished: Unfinished): OpenedGroup {
  const inhabited = cleanDeadLives(options)
  for (const { file } of inhabited) unfinished.opened(() => file.close())
  let opened: OpenedGroup | null = null
  try {
    const attendedNow = inhabited.filter(({ file }) => attended(file))
    if (options.exclusive && attendedNow.length > 0) throw inUse(options, attendedNow)
    const newest = inhabited.at(-1)
    opened = newest ? joinLife(options, newest) : null
    opened ??= makeAndJoin(options, inhabited, unfinished)
    return opened
  } finally {
    for (const { file } of inhabited) if (file !== opened?.life.file) file.close()
  }
}

function makeAndJoin(
  options: OpenOptions,
  inhabited: readonly Attended[],
  unfinished: Unfinished,
): OpenedGroup {
  const { directory, impl } = options
  if (impl === null) throw noGroup(directory)
  const others = inhabited.map(({ record }) => record)
  const life = makeLife(directory, impl, controlOptions(options), others)
  unfinished.opened(() => life.file.close())
  const group = enrol(options, impl, life)
  const size = options.mainRegionSize ?? 0
  try {
    if (size > 0) group.member.makeRegion(size)
    return group
  } catch (error) {
    group.member.region?.mapping.detach()
    unmapLife(group.life)
    throw error
  }
}

/** null: this life has members and yet is over; another one begins beside it. */
function joinLife(options: OpenOptions, { record, file }: Attended): OpenedGroup | null {
  const { impl: wanted } = options
  if (wanted !== null && wanted.kind !== record.kind) throw otherImpl(record, wanted)
  const impl = implOf(options, record)
  const life = mapLife(options.directory, record, impl, file)
  if (record.layout !== LAYOUT) {
    if (typeof life === 'object') unmapLife(life)
    throw layoutMismatch(record.layout, [])
  }
  if (life === 'absent' || life === 'insane') return null
  if (isOver(life.control)) {
    life.mapping.detach()
    life.namespace.close()
    return null
  }
  warnOfDifferences(options, life)
  return enrol(options, impl, life)
}

/** Takes a member entry. */
function enrol(options: OpenOptions, impl: DsmImpl, life: Life): OpenedGroup {
  const { directory, lockTimeoutMs, logger } = options
  let member: Member | null = null
  try {
    const entry = claimEntry(life.control, life.file)
    const settings = { group: directory.name, lockTimeoutMs, logger }
    member = new Member(life.control, life.namespace, life.file, entry, settings)
    mapRegion(life, member)
    member.join()
    if (!attended(life.file)) member.sweep() // a life that slept: what died in it goes now
    return { directory, impl, cleaner: options, life, member }
  } catch (error) {
    member?.region?.mapping.detach()
    unmapLife(life)
    throw error
  }
}

/** The main region is mapped by every member, before it is one. */
function mapRegion({ control, namespace }: Life, member: Member): void {
  const slot = control.mainRegionSlot
  if (slot < 0 || slot >= control.geometry.maxSegments) return
  const handle = control.words[control.slot(slot) + SLOT.handle]! >>> 0
  const size = loadWide(control.words, control.extra(slot) + EXTRA.size)
  const possible = handle !== 0 && !isMainRegionHandle(handle)
  if (!possible || size < 1 || size > MAIN_REGION_SIZE_MAX) throw noRegion(slot)
  member.useRegion(new MainRegion(control, slot, namespace.attach(handle, size)))
}

/**
 * After a failure: whoever was there may have gone meanwhile, taking us for one of them. What has
 * no members now is removed, as nobody else will.
 */
function leaveNothingBehind(options: OpenOptions): void {
  try {
    if (readState(options.directory.state).length > 0) {
      for (const { file } of cleanDeadLives(options)) file.close()
    }
    if (readState(options.directory.state).length === 0) removeGroupFiles(options.directory)
  } catch (error) {
    options.logger.debug('could not clean up after a failed open', { error })
  }
}

function controlOptions(options: OpenOptions): ControlOptions {
  const maxMembers = options.maxMembers ?? DEFAULT_MAX_MEMBERS
  const maxSegments = options.maxSegments ?? defaultMaxSegments(maxMembers)
  return { maxMembers, maxSegments, persist: options.persist ?? false }
}

/** The sizes are the group's, fixed by its maker. */
function warnOfDifferences(options: OpenOptions, { control, record }: Life): void {
  const { maxMembers, maxSegments } = control.geometry
  const fixed = { maxMembers, maxSegments, persist: record.persist }
  for (const [name, value] of Object.entries(fixed)) {
    const asked = options[name as keyof typeof fixed]
    if (asked === undefined || asked === value) continue
    options.logger.warn('the group keeps what its maker chose', { option: name, asked, value })
  }
}

function inUse(options: OpenOptions, inhabited: readonly Attended[]): DsmError {
  const { directory } = options
  const pids = inhabited.flatMap(attended => pidsOf(options, attended))
  return new DsmError(
    'DSM_IN_USE',
    `group "${directory.name}" has members (pids ${pids.join(', ')}), and "exclusive" was asked ` +
      'for; close them first',
    { op: 'open', segment: directory.path },
  )
}

/** For a message: as much as can be learnt. */
function pidsOf(options: OpenOptions, { record, file }: Attended): number[] {
  const life = mapLife(options.directory, record, implOf(options, record), file)
  if (life === 'absent' || life === 'insane') return []
  const pids = life.control.livePids()
  life.mapping.detach()
  life.namespace.close()
  return pids
}

const noGroup = (directory: GroupDirectory): DsmError =>
  new DsmError(
    'DSM_NOT_FOUND',
    `there is no group "${directory.name}" at "${directory.path}" to join, and no "impl" was ` +
      'given to make one with',
    { op: 'open', segment: directory.path },
  )

const noRegion = (slot: number): DsmError =>
  new DsmError(
    'DSM_CORRUPT',
    `the group's control segment is damaged: slot ${slot} is to be its main region, and names ` +
      'nothing that could be one. Close every member; the next one to open the group begins ' +
      'another life',
    { op: 'open' },
  )

const otherImpl = (record: LifeRecord, wanted: DsmImpl): DsmError =>
  new DsmError(
    'DSM_IMPL_MISMATCH',
    `the group uses "${record.kind}" and "${wanted.kind}" was asked for; leave "impl" out to ` +
      'join it, or close its members first',
    { op: 'open' },
  )
