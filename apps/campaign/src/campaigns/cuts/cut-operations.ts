/**
 * The operations that the campaign `cuts` cuts. Each prepares what it needs, which is not cut, and
 * returns the action proper. Those of `member` are done by a member that goes on afterwards; those
 * of `guest` by one that joins for it, and leaves or is closed then: with it goes at once, and not
 * a second later, a name that it was making when it was cut.
 */
import type { Dsm } from '@dsm/core'

/** A member, and a segment that another one holds. */
export interface Actor {
  readonly dsm: Dsm
  readonly kept: number
}

export interface Guest {
  /** Opens the group; the guest is known from then on. */
  join(): Dsm
  readonly kept: number
}

type Action = () => unknown
const SIZE = 5000
const LARGE = 100_000

export const MEMBER_OPERATIONS: Readonly<Record<string, (actor: Actor) => Action>> = {
  create:
    ({ dsm }) =>
    () =>
      dsm.create(SIZE),
  'create its own object':
    ({ dsm }) =>
    () =>
      dsm.create(LARGE, { ownObject: true }),
  'create large':
    ({ dsm }) =>
    () =>
      dsm.create(LARGE),
  attach:
    ({ dsm, kept }) =>
    () =>
      dsm.attach(kept),
  'detach, others stay': ({ dsm, kept }) => {
    const segment = dsm.attach(kept)
    return () => segment?.detach()
  },
  'detach, the last': ({ dsm }) => {
    const segment = dsm.create(SIZE)
    return () => segment.detach()
  },
  detachAll: ({ dsm, kept }) => {
    dsm.create(SIZE)
    dsm.attach(kept)
    return () => dsm.detachAll()
  },
  pin: ({ dsm }) => {
    const segment = dsm.create(SIZE)
    return () => segment.pin()
  },
  'unpin, the last': ({ dsm }) => {
    const segment = dsm.create(SIZE)
    segment.pin()
    segment.detach()
    return () => dsm.unpinSegment(segment.handle)
  },
  publish: ({ dsm }) => {
    const { handle } = dsm.create(SIZE)
    return () => dsm.publish('name', handle)
  },
  'publish, moving': ({ dsm, kept }) => {
    const { handle } = dsm.create(SIZE)
    dsm.publish('name', kept)
    return () => dsm.publish('name', handle)
  },
  unpublish: ({ dsm, kept }) => {
    dsm.publish('name', kept)
    return () => dsm.unpublish('name')
  },
  list:
    ({ dsm }) =>
    () => [dsm.segments(), dsm.members(), dsm.stats()],
}

export const GUEST_OPERATIONS: Readonly<Record<string, (guest: Guest) => Action>> = {
  join: guest => () => guest.join(),
  getOrCreate: guest => {
    const dsm = guest.join()
    return () => dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1))
  },
  close: guest => {
    const dsm = guest.join()
    dsm.attach(guest.kept)
    dsm.create(SIZE)
    return () => dsm.close()
  },
}
