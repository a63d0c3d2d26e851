/**
 * The operations of which calls fail: each prepares what it needs and returns the action proper,
 * which can be done a second time, when nothing fails any more. Preparing is not made to fail.
 */
import type { OpenedGroup } from '@dsm/control'
import type { Dsm, Segment } from '@dsm/core'

/** What an action works with, and what is to be given back after it. */
export interface Hands {
  /** Another member of the group, or the first one. */
  open(changes?: { mainRegionSize?: number }): Dsm
  /** As `open`, for something that is to die. */
  raw(): OpenedGroup
  /** It is detached in the end. */
  keep(segment: Segment | null): void
}

export interface Prepared {
  readonly act: () => unknown
  /** Nobody whose calls fail, and who holds a segment that has to stay as it is. */
  readonly bystander: Dsm | null
}

export const SIZE = 70_000
/** Beyond what is freed at once, and beyond one step of allocation. */
const LARGE = 3 << 20
export const SLOTS = 8

type Prepare = (hands: Hands) => Prepared

/** With a bystander and a member. */
function joined(prepare: (dsm: Dsm, hands: Hands, bystander: Dsm) => () => unknown): Prepare {
  return hands => {
    const bystander = hands.open()
    return { act: prepare(hands.open(), hands, bystander), bystander }
  }
}

const inRegion = (prepare: (dsm: Dsm, hands: Hands) => () => unknown): Prepare => {
  return hands => {
    const bystander = hands.open({ mainRegionSize: 1 << 18 })
    return { act: prepare(hands.open(), hands), bystander }
  }
}

/** Unmaps and drops the byte, as the end of a process does, and tells nobody. */
function die({ life, member }: OpenedGroup): void {
  member.region?.mapping.detach()
  life.mapping.detach()
  life.namespace.close()
  life.file.close()
}

/** A member that dies with a segment of its own. */
function deadMember(hands: Hands, segments: number): void {
  const dead = hands.raw()
  for (let made = 0; made < segments; made++) dead.member.create(SIZE)?.mapping.detach()
  die(dead)
}

export const operations: Readonly<Record<string, Prepare>> = {
  open: hands => ({ act: () => void hands.open(), bystander: null }),
  'open with a main region': hands => ({
    act: () => void hands.open({ mainRegionSize: 1 << 18 }),
    bystander: null,
  }),
  'open over the dead': hands => {
    deadMember(hands, 2)
    return { act: () => void hands.open(), bystander: null }
  },
  join: hands => ({ bystander: hands.open(), act: () => void hands.open() }),
  'join with a main region': hands => ({
    bystander: hands.open({ mainRegionSize: 1 << 18 }),
    act: () => void hands.open(),
  }),
  create: joined((dsm, hands) => () => hands.keep(dsm.create(SIZE))),
  'create, large': joined((dsm, hands) => () => hands.keep(dsm.create(LARGE))),
  'create from the main region': inRegion((dsm, hands) => () => {
    const segment = dsm.create(SIZE)
    hands.keep(segment)
    segment.bytes.fill(1)
  }),
  'create over the dead': joined((dsm, hands) => {
    deadMember(hands, SLOTS - 1)
    return () => dsm.create(SIZE).detach()
  }),
  createAsync: joined((dsm, hands) => async () => hands.keep(await dsm.createAsync(SIZE))),
  'createAsync, large': joined((dsm, hands) => async () => {
    hands.keep(await dsm.createAsync(LARGE))
  }),
  attach: joined((dsm, hands, bystander) => {
    const { handle } = bystander.create(SIZE)
    return () => {
      if (dsm.findMapping(handle) === null) hands.keep(dsm.attach(handle))
    }
  }),
  'first use': joined((dsm, hands, bystander) => {
    const segment = dsm.attach(bystander.create(SIZE).handle)
    hands.keep(segment)
    return () => segment?.bytes.fill(1)
  }),
  'detach, others stay': joined((dsm, _hands, bystander) => {
    const segments = [bystander.create(SIZE), bystander.create(SIZE)]
    const attached = segments.map(({ handle }) => dsm.attach(handle))
    return () => attached.pop()?.detach()
  }),
  'detach, the last': joined(dsm => {
    const segments = [dsm.create(SIZE), dsm.create(SIZE)]
    return () => segments.pop()?.detach()
  }),
  'detach, the last, large': joined(dsm => {
    const segments = [dsm.create(LARGE), dsm.create(LARGE)]
    return () => segments.pop()?.detach()
  }),
  'detach after use': joined(dsm => {
    const segments = [dsm.create(SIZE), dsm.create(SIZE)]
    for (const { bytes } of segments) bytes.fill(1)
    return () => segments.pop()?.detach()
  }),
  'pin and unpin': joined((dsm, hands) => {
    const segment = dsm.create(SIZE)
    hands.keep(segment)
    return () => {
      segment.pin()
      segment.unpin()
    }
  }),
  'unpin, the last': joined(dsm => {
    const handles = [dsm.create(SIZE), dsm.create(SIZE)].map(segment => {
      segment.pin()
      segment.detach()
      return segment.handle
    })
    return () => {
      const handle = handles.pop()
      if (handle !== undefined) dsm.unpinSegment(handle)
    }
  }),
  getOrCreate: joined(dsm => () => {
    dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1)).segment.detach()
  }),
  look: joined(dsm => () => [dsm.segments(), dsm.members(), dsm.stats()]),
  lock: joined((dsm, hands) => {
    const segment = dsm.create(SIZE)
    hands.keep(segment)
    const lock = dsm.lock(new Int32Array(segment.buffer), 0)
    return () => lock.run(() => undefined)
  }),
  'close, others stay': joined((dsm, hands) => {
    dsm.create(SIZE)
    const members = [hands.open(), dsm]
    return () => members.pop()?.close()
  }),
  'close, the last': hands => {
    const dsm = hands.open()
    dsm.create(SIZE)
    return { act: () => dsm.close(), bystander: null }
  },
  shutdown: hands => {
    const dsm = hands.open()
    dsm.create(SIZE)
    return { act: () => dsm.shutdown(), bystander: null }
  },
}
