/**
 * The operations that the campaign `kill-stores` kills: each prepares what it needs and returns the
 * action proper. Preparing is not killed.
 */
import type { Dsm } from '@dsm/core'

export interface KillOptions {
  readonly group: string
  readonly operation: string
  /** The process kills itself before this store of the action, from 1; 0: it counts them. */
  readonly store: number
  /** A segment that another member holds. */
  readonly base: number
}

/** From the child, if it lived through the action. */
export interface Survived {
  readonly stores: number
}

const SIZE = 5000
const LARGE = 100_000

type Prepare = (open: () => Dsm, base: number) => () => unknown

const joined =
  (prepare: (dsm: Dsm, base: number) => () => unknown): Prepare =>
  (open, base) =>
    prepare(open(), base)

export const operations: Readonly<Record<string, Prepare>> = {
  join: open => open,
  create: joined(dsm => () => dsm.create(SIZE)),
  'create its own object': joined(dsm => () => dsm.create(LARGE, { ownObject: true })),
  createAsync: joined(dsm => () => dsm.createAsync(SIZE)),
  attach: joined((dsm, base) => () => dsm.attach(base)),
  'detach, others stay': joined((dsm, base) => {
    const segment = dsm.attach(base)
    return () => segment?.detach()
  }),
  'detach, the last': joined(dsm => {
    const segment = dsm.create(SIZE)
    return () => segment.detach()
  }),
  pin: joined(dsm => {
    const segment = dsm.create(SIZE)
    return () => segment.pin()
  }),
  'unpin, the last': joined(dsm => {
    const segment = dsm.create(SIZE)
    segment.pin()
    segment.detach()
    return () => dsm.unpinSegment(segment.handle)
  }),
  publish: joined(dsm => {
    const { handle } = dsm.create(SIZE)
    return () => dsm.publish('name', handle)
  }),
  'publish, moving': joined((dsm, base) => {
    const { handle } = dsm.create(SIZE)
    dsm.publish('name', base)
    return () => dsm.publish('name', handle)
  }),
  unpublish: joined((dsm, base) => {
    dsm.publish('name', base)
    return () => dsm.unpublish('name')
  }),
  getOrCreate: joined(dsm => () => dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1))),
  close: joined((dsm, base) => {
    dsm.attach(base)
    dsm.create(SIZE)
    return () => dsm.close()
  }),
}
