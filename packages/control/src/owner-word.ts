/**
 * Owner words: who is making or removing a segment, in the format of a lock token (`@dsm/lwlock`:
 * generation:21 | member+1:10), with the sign bit saying that the slot is being removed rather than
 * made. One word, so that it cannot be half written.
 */
import { GENERATION_MAX } from '@dsm/lwlock'

const DYING = 0x8000_0000 | 0

export const ownerCreating = (token: number): number => token
export const ownerDying = (token: number): number => token | DYING
export const isDyingOwner = (owner: number): boolean => owner < 0
export const tokenOfOwner = (owner: number): number => owner & 0x7fff_ffff

/** Generations count to 2^21 and start again. */
export const nextGeneration = (generation: number): number => (generation + 1) & GENERATION_MAX

/** Bytes that a members' file can have held: one probe over them finds any member. */
export const MEMBER_BYTES = 0x8000_0000
