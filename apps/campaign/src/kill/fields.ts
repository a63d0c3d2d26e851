/**
 * What a point is, without what differs by chance: which slot, which handle. So that the same
 * operation on two mechanisms, or in two groups, can be seen to go through the same points.
 */
import type { Member } from '@dsm/control'
import { POINT, type Point } from './probe.js'

export type Geometry = Member['control']['geometry']

const HEAD_WORDS = 4
const SLOT_WORDS = 10
const ROW_WORDS = 16

/** The field of a control segment that a word belongs to. */
export function fieldOf(word: number, geometry: Geometry): string {
  const { partB, members, refs, extra, names, buckets } = geometry
  if (word < HEAD_WORDS) return `head.${word}`
  if (word < partB) return `slot.${(word - HEAD_WORDS) % SLOT_WORDS}`
  if (word < members) return `header.${word - partB}`
  if (word < refs) return `member.${(word - members) % ROW_WORDS}`
  if (word < extra) return 'references'
  if (word < names) return `extra.${(word - extra) % ROW_WORDS}`
  if (word < buckets) return `name.${(word - names) % ROW_WORDS}`
  return 'bucket'
}

/** Numbers of the x86-64 system calls whose effect outlives the process that made them. */
const LASTING = new Set([
  ...[1, 18, 20], // write, pwrite64, writev
  ...[2, 85, 257, 437], // open, creat, openat, openat2
  ...[29, 31], // shmget, shmctl
  ...[76, 77, 285], // truncate, ftruncate, fallocate
  ...[82, 264, 316, 86, 265, 88, 87, 263], // rename, link, symlink, unlink, and their relations
  ...[83, 258, 84], // mkdir, mkdirat, rmdir
  ...[90, 91, 268, 92, 93], // chmod, fchmod, fchmodat, chown, fchown
])

/**
 * Does it change what others find after the death, and go by? Locks, descriptors and mappings die,
 * too; and pages are filled, and their tree is rebuilt, as long as a word says that it is due.
 */
export const isLasting = ({ kind, code }: Point): boolean =>
  kind === POINT.call ? LASTING.has(code) : kind !== POINT.region

export function describePoint({ kind, code }: Point, geometry: Geometry): string {
  if (kind === POINT.control) return fieldOf(code, geometry)
  if (kind === POINT.region) return 'page tree'
  if (kind === POINT.user) return 'user word'
  return kind === POINT.end ? 'end' : `call ${code}`
}
