/**
 * The operations that `kill-states` and `double-kill` kill. Each prepares what it needs, which is
 * not killed, and returns the action proper. Segments that others hold are found by name.
 */
import { type Member, setStoreTrap } from '@dsm/control'
import type { Dsm, Segment } from '@dsm/core'

/** busy: others hold segments, pins and names. full: nothing is free. empty: there is nobody. */
export const GROUPS = ['busy', 'full', 'empty'] as const
export type GroupState = (typeof GROUPS)[number]

/** Who died before, and has not been mourned. */
export type Dead = 'half-made segment' | 'control lock' | 'user lock'

/** outside: not yet a member. member: of the group as it is. segment: which it made, and is in. */
type Beginning = 'outside' | 'member' | 'segment'

/** What an operation finds. */
export interface Scene {
  /** Joins, or makes the group if there is nobody. */
  open(): Dsm
  openAsync(): Promise<Dsm>
  /** Stores to it are points too. */
  expose(buffer: ArrayBuffer): void
}

export interface Operation {
  readonly groups: readonly GroupState[]
  /** The victim joins in its action: before it, all entries of a full group are taken. */
  readonly joins?: boolean
  readonly dead?: Dead
  /** Of a group that it makes. */
  readonly persist?: boolean
  /** What it prepares: operations of which that is the same begin in the same busy group. */
  readonly begins?: Beginning
  prepare(scene: Scene): () => unknown
}

export const SIZE = 5000
/** Always an object of its own. */
export const LARGE = 100_000
/** A huge page, where there are any, and small ones. */
const HUGE = 3 << 20

const OTHERS: readonly GroupState[] = ['busy', 'full']

/** Of the segment that others hold; made, and left pinned, where there are no others. */
export function base(dsm: Dsm): number {
  const found = dsm.lookup('base')
  if (found !== null) return found
  const segment = dsm.create(SIZE, { ownObject: true })
  segment.pin()
  dsm.publish('base', segment.handle)
  segment.detach()
  return segment.handle
}

const attachBase = (dsm: Dsm): Segment => {
  const segment = dsm.attach(base(dsm))
  if (segment === null) throw new Error('the base is gone')
  return segment
}

type Options = Partial<Omit<Operation, 'prepare'>>
const MEMBER: Options = { begins: 'member' }
const SEGMENT: Options = { begins: 'segment' }

const member = (
  prepare: (dsm: Dsm, scene: Scene) => () => unknown,
  options: Options = {},
): Operation => ({
  groups: GROUPS,
  ...options,
  prepare: scene => prepare(scene.open(), scene),
})

const opening = (options: Options = {}): Operation => ({
  groups: OTHERS,
  joins: true,
  ...options,
  prepare: scene => () => scene.open(),
})

/** An exception at this store stops an operation of a member that lives on. */
function cutAt(store: number, action: () => unknown): void {
  let stores = 0
  const before = setStoreTrap(null)
  setStoreTrap(index => {
    before?.(index)
    if (++stores === store) throw new Error('cut')
  })
  try {
    action()
  } catch (error) {
    if ((error as Error).message !== 'cut') throw error
  } finally {
    setStoreTrap(before)
  }
}

const coming: Record<string, Operation> = {
  open: opening({ groups: ['empty'] }),
  'open over a dead life': opening({ groups: ['empty'], dead: 'half-made segment' }),
  join: opening({ begins: 'outside' }),
  'join over a dead member': opening({ dead: 'half-made segment' }),
  'join over a dead lock': opening({ dead: 'control lock' }),
  openAsync: {
    ...opening({ groups: GROUPS, begins: 'outside' }),
    prepare: scene => () => scene.openAsync(),
  },
  'close, others stay': member(
    dsm => {
      attachBase(dsm)
      dsm.create(SIZE)
      return () => dsm.close()
    },
    { groups: OTHERS },
  ),
  'close, the last': member(
    dsm => {
      attachBase(dsm)
      dsm.create(LARGE)
      return () => dsm.close()
    },
    { groups: ['empty'] },
  ),
  'close, pinned segments stay': member(
    dsm => {
      attachBase(dsm)
      dsm.create(SIZE)
      return () => dsm.close()
    },
    { groups: ['empty'], persist: true },
  ),
  shutdown: member(dsm => {
    attachBase(dsm)
    dsm.create(SIZE)
    return () => dsm.shutdown()
  }),
}

const making: Record<string, Operation> = {
  create: member(dsm => () => dsm.create(SIZE), MEMBER),
  'create its own object': member(dsm => () => dsm.create(LARGE, { ownObject: true }), MEMBER),
  'create with huge pages': member(dsm => () => dsm.create(HUGE, { ownObject: true }), MEMBER),
  createAsync: member(dsm => () => dsm.createAsync(LARGE, { ownObject: true }), MEMBER),
  attach: member(dsm => {
    const handle = base(dsm)
    return () => dsm.attach(handle)
  }, MEMBER),
  'attach, in the main region': member(
    dsm => {
      const handle = dsm.lookup('carved')
      return () => (handle === null ? null : dsm.attach(handle)?.bytes[0])
    },
    { groups: OTHERS, ...MEMBER },
  ),
  'detach, others stay': member(dsm => {
    const segment = attachBase(dsm)
    return () => segment.detach()
  }),
  'detach, the last': member(dsm => {
    const segment = dsm.create(SIZE)
    return () => segment.detach()
  }, SEGMENT),
  'detach, the last, an object': member(dsm => {
    const segment = dsm.create(LARGE, { ownObject: true })
    return () => segment.detach()
  }),
  pin: member(dsm => {
    const segment = dsm.create(SIZE)
    return () => segment.pin()
  }, SEGMENT),
  'unpin, others stay': member(
    dsm => {
      const handle = dsm.lookup('pinned')
      return () => handle !== null && dsm.unpinSegment(handle)
    },
    { groups: OTHERS, ...MEMBER },
  ),
  'unpin, the last': member(dsm => {
    const segment = dsm.create(SIZE)
    segment.pin()
    segment.detach()
    return () => dsm.unpinSegment(segment.handle)
  }),
}

const naming: Record<string, Operation> = {
  publish: member(dsm => {
    const { handle } = dsm.create(SIZE)
    return () => dsm.publish('name', handle)
  }, SEGMENT),
  'publish, moving': member(dsm => {
    const { handle } = dsm.create(SIZE)
    dsm.publish('name', base(dsm))
    return () => dsm.publish('name', handle)
  }),
  unpublish: member(dsm => {
    dsm.publish('name', base(dsm))
    return () => dsm.unpublish('name')
  }),
  'getOrCreate, making': member(
    dsm => () => dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1)),
    MEMBER,
  ),
  'getOrCreate, finding': member(dsm => {
    base(dsm)
    return () => dsm.getOrCreate('base', SIZE)
  }, MEMBER),
  'look around': member(dsm => () => [dsm.segments(), dsm.members(), dsm.stats()], MEMBER),
}

const mending: Record<string, Operation> = {
  lock: member((dsm, scene) => {
    const { buffer } = attachBase(dsm)
    const words = new Int32Array(buffer, 0, 4)
    const lock = dsm.lock(words, 0)
    scene.expose(buffer)
    return () => lock.run(() => words[1]!++)
  }),
  'lock, over a dead owner': member(
    (dsm, scene) => {
      const { buffer } = attachBase(dsm)
      const words = new Int32Array(buffer, 0, 4)
      const lock = dsm.lock(words, 0)
      scene.expose(buffer)
      return () => lock.run(() => words[1]!++)
    },
    { dead: 'user lock' },
  ),
  recover: member(dsm => () => sweep(dsm), { dead: 'half-made segment' }),
  'take over': member(dsm => () => dsm.create(SIZE), { dead: 'control lock' }),
  reconcile: member(dsm => {
    attachBase(dsm)
    return () => {
      cutAt(6, () => dsm.create(LARGE, { ownObject: true }))
      dsm.lookup('base')
    }
  }),
}

/** As its timer does, when it was the one to move the clock. */
export function sweep(dsm: Dsm): void {
  memberOf(dsm).sweep()
}

export const memberOf = (dsm: Dsm) => (dsm as unknown as { member: Member }).member

export const operations: Readonly<Record<string, Operation>> = {
  ...coming,
  ...making,
  ...naming,
  ...mending,
}
