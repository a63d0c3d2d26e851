/**
 * One life of a group, from its making to the removal of its last object. All under byte 0.
 *
 * State before object: the state file names the control segment before it is made, or a kill in
 * between would leave one that stands nowhere. A record whose object is absent, short or without
 * its magic is nobody's life.
 */
import { randomBytes, randomInt } from 'node:crypto'
import {
  DsmError,
  type DsmImpl,
  type DsmMapping,
  type DsmNamespace,
  type DsmScope,
} from '@dsm/impl'
import { LockFile } from '@dsm/lwlock'
import { cleanControlSegment, removeObject } from './clean-control-segment.js'
import { type ControlOptions, ControlSegment } from './control-segment.js'
import { type GroupDirectory, removeFile } from './group-directory.js'
import { B, geometry, LAYOUT, SLOT } from './layout.js'
import { lockFileAt } from './lock-file-at.js'
import type { ControlLogger } from './logger.js'
import { MEMBER_BYTES } from './owner-word.js'
import { isPinned } from './references.js'
import { bootId, type LifeRecord, writeState } from './state-file.js'

/** A life that is mapped here. */
export interface Life {
  readonly record: LifeRecord
  readonly namespace: DsmNamespace
  readonly mapping: DsmMapping
  readonly control: ControlSegment
  /** Holds our byte once we are a member. */
  readonly file: LockFile
}

export const scopeOf = (directory: GroupDirectory, record: LifeRecord): DsmScope => ({
  dir: directory.path,
  nonce: record.nonce,
  options: record.options,
})

const NONCE_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** 13 × 5 random bits. */
const newNonce = (): string =>
  Array.from(randomBytes(13), byte => NONCE_LETTERS[byte & 31]).join('')

/** Handles of control segments are drawn below 2^31, as sysv keys have to be. */
const newControlHandle = (): number => randomInt(1, 2 ** 30) * 2

/**
 * Seed: dsm_postmaster_startup. A failure leaves the record: whoever cleans finds what was made.
 * @param before the lives that stay in the state file beside this one.
 */
export function makeLife(
  directory: GroupDirectory,
  impl: DsmImpl,
  options: ControlOptions,
  before: readonly LifeRecord[],
): Life {
  const { sizeBytes } = geometry(options.maxSegments, options.maxMembers)
  for (;;) {
    const record: LifeRecord = {
      bootId: bootId(),
      nonce: newNonce(),
      layout: LAYOUT,
      kind: impl.kind,
      options: impl.options,
      controlHandle: newControlHandle(),
      controlSize: sizeBytes,
      persist: options.persist,
    }
    writeState(directory.state, [...before, record])
    const namespace = impl.open(scopeOf(directory, record))
    let file: LockFile | null = null
    let made = false
    try {
      file = LockFile.open(directory.members(record.nonce), { create: true })
      const mapping = namespace.create(record.controlHandle, sizeBytes)
      if (mapping !== null) {
        const control = ControlSegment.format(mapping.buffer, options)
        made = true
        return { record, namespace, mapping, control, file }
      }
    } finally {
      if (!made) {
        file?.close()
        namespace.close()
      }
    }
    forgetLife(directory, record, before) // the name was a stranger's
  }
}

/** Why a recorded life cannot be joined. */
export type Unjoinable = 'absent' | 'insane'

/** Maps a recorded life. @throws DSM_LAYOUT_MISMATCH; what `DsmNamespace.attach` throws. */
export function mapLife(
  directory: GroupDirectory,
  record: LifeRecord,
  impl: DsmImpl,
  file: LockFile,
): Life | Unjoinable {
  const namespace = impl.open(scopeOf(directory, record))
  let mapping: DsmMapping
  try {
    mapping = namespace.attach(record.controlHandle, record.controlSize)
  } catch (error) {
    namespace.close()
    const code = DsmError.isInstance(error) ? error.code : ''
    if (code === 'DSM_NOT_FOUND') return 'absent'
    if (code === 'DSM_FOREIGN') return 'insane'
    throw error
  }
  try {
    const control = ControlSegment.verify(mapping.buffer)
    if (control !== null) return { record, namespace, mapping, control, file }
  } catch (error) {
    mapping.detach()
    namespace.close()
    throw error
  }
  mapping.detach()
  namespace.close()
  return 'insane'
}

/** Does our control segment still bear its name? Somebody else's clean-up may have taken it. */
export function isNamed({ namespace, record, mapping }: Life): boolean {
  try {
    const again = namespace.attach(record.controlHandle, record.controlSize)
    again.detach()
    return again.identity === mapping.identity
  } catch (error) {
    return !isAbsent(error)
  }
}

/** Unmaps; the file's descriptor goes, and with it our byte. */
export function unmapLife(life: Life): void {
  life.mapping.detach()
  life.namespace.close()
  life.file.close()
}

/** Is any member of this life alive? The members' file may not be there yet, or any more. */
export const openMembersFile = (directory: GroupDirectory, record: LifeRecord): LockFile | null =>
  lockFileAt(directory.members(record.nonce))

export const attended = (file: LockFile): boolean => file.probeRange(0, MEMBER_BYTES)

/**
 * Removes everything of a life that has no member: the objects that its slots name, the control
 * segment, and where names carry the nonce whatever else bears it; then the record.
 * Seed: dsm_cleanup_for_mmap, dsm_postmaster_shutdown.
 */
export function removeLife(
  directory: GroupDirectory,
  record: LifeRecord,
  impl: DsmImpl,
  others: readonly LifeRecord[],
  logger: ControlLogger,
): void {
  if (outlives(record, impl)) {
    const namespace = impl.open(scopeOf(directory, record))
    try {
      removeObjects(namespace, record, logger)
    } finally {
      namespace.close()
    }
  }
  forgetLife(directory, record, others)
}

function removeObjects(namespace: DsmNamespace, record: LifeRecord, logger: ControlLogger): void {
  cleanControlSegment(copyOfControl(namespace, record), record.controlHandle, namespace, logger)
  if (!namespace.impl.supports.ownsNames || !namespace.enumerate) return
  for (const handle of namespace.enumerate()) removeObject(namespace, handle, undefined, logger)
}

/**
 * Empty if it is absent, or not what the record says: nothing can be read from it. Any other
 * failure is thrown: what the table names would stay for ever, were the life forgotten over it.
 */
export function copyOfControl(namespace: DsmNamespace, record: LifeRecord): ArrayBuffer {
  let mapping: DsmMapping
  try {
    mapping = namespace.attach(record.controlHandle, record.controlSize)
  } catch (error) {
    if (isAbsent(error)) return new ArrayBuffer(0)
    throw error
  }
  try {
    return mapping.buffer.slice(0)
  } finally {
    mapping.detach()
  }
}

function isAbsent(error: unknown): boolean {
  return DsmError.isInstance(error) && ['DSM_NOT_FOUND', 'DSM_FOREIGN'].includes(error.code)
}

/**
 * Can anything of this life still be there? Not after a reboot, for most mechanisms. Where either
 * boot is unknown (its file could not be read then, or now), it may be the same one.
 */
export function outlives(record: LifeRecord, impl: DsmImpl): boolean {
  const now = bootId()
  const maybeSame = record.bootId === now || record.bootId === '' || now === ''
  return maybeSame || impl.supports.survivesReboot
}

/** Shut down, or damaged: nobody can join it any more. */
export const isOver = (control: ControlSegment): boolean =>
  control.words[control.header(B.fenced)] !== 0 || control.words[control.header(B.poisoned)] !== 0

/** Has it pinned segments that somebody could attach to again? */
export function keepsPinned(control: ControlSegment): boolean {
  if (isOver(control)) return false
  for (let slot = 0; slot < control.geometry.maxSegments; slot++) {
    const live = control.words[control.slot(slot) + SLOT.refcnt]! >= 2
    if (live && slot !== control.mainRegionSlot && isPinned(control, slot)) return true
  }
  return false
}

/** The record goes after everything that it names. */
function forgetLife(
  directory: GroupDirectory,
  record: LifeRecord,
  others: readonly LifeRecord[],
): void {
  removeFile(directory.members(record.nonce))
  if (others.length > 0) writeState(directory.state, others)
  else removeFile(directory.state)
}
