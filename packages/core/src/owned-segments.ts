/**
 * Segments as resources of a `ResourceOwner`: what is left when a piece of work ends is detached,
 * before locks are given back, as others can see it.
 * Seed: dsm_resowner_desc of PostgreSQL 17, ResourceOwnerEnlargeDSMs and Remember of 14.
 */
import { invalidType } from '@dsm/impl'
import { type ResourceKind, ResourceOwner } from '@dsm/resowner'
import type { AttachedSegment } from './segment.js'

export const SEGMENTS: ResourceKind<AttachedSegment> = {
  name: 'shared memory segment',
  phase: 'before-locks',
  priority: 400,
  release: segment => segment.detach(),
  describe: segment => String(segment.handle),
}

/** The owner that was asked for; the current one where none was; null: until detach or close. */
export function chooseOwner(asked: ResourceOwner | null | undefined): ResourceOwner | null {
  if (asked === undefined) return ResourceOwner.current
  if (asked === null || asked instanceof ResourceOwner) return asked
  throw invalidType('options.owner', 'a ResourceOwner or null', asked)
}
