/**
 * Where everything stands in a control segment, in 32-bit words.
 *
 * Part A has PostgreSQL's layout, byte for byte (header of 16 bytes, slots of 40; LP64, little
 * endian; seed: dsm_control_header, dsm_control_item). Part B, ours, follows at the next multiple
 * of 64 bytes. A geometry is a function of (maxSegments, maxMembers) alone, so a stored one is
 * checked by computing it again. Nothing here reads or writes shared memory.
 */

/** PostgreSQL's mark of a control segment, as int32. */
export const PG_MAGIC = 0x9a503d32 | 0
/** Ours, at the head of part B: 'dsmB'. Stored last when a life begins. */
export const MAGIC = 0x426d7364
/** Changes with every incompatible change of part B. */
export const LAYOUT = 1

/** Slots that a table can have at most. */
export const MAX_SEGMENTS_LIMIT = 65_535
/** Members that a group can have at most: their indexes and 0 fit in ten bits. */
export const MAX_MEMBERS_LIMIT = 1_023
/** Members of a group whose maker asks for no number. */
export const DEFAULT_MAX_MEMBERS = 64
/** PostgreSQL's sizing rule: PG_DYNSHMEM_FIXED_SLOTS + PG_DYNSHMEM_SLOTS_PER_BACKEND × backends. */
export const defaultMaxSegments = (maxMembers: number): number => 64 + 5 * maxMembers

/** Words of part A's header. */
export const PG = { magic: 0, nitems: 1, maxitems: 2, words: 4 } as const

/** Words of a slot. `pinned` is PostgreSQL's byte; its padding is never read. */
export const SLOT = {
  handle: 0,
  refcnt: 1,
  firstPage: 2,
  npages: 4,
  pmHandle: 6,
  pinned: 8,
  words: 10,
} as const

/**
 * Words of part B's header. The first eight, and the first four of a member, keep their places in
 * every layout, so that one that differs can still be named with the pids of who uses it.
 */
export const B = {
  magic: 0,
  layout: 1,
  sizeBytes: 2,
  maxSegments: 3,
  maxMembers: 4,
  membersOffset: 5,
  refsOffset: 6,
  slotExtraOffset: 7,
  namesOffset: 8,
  bucketsOffset: 9,
  flags: 10,
  /** Slot of the main region + 1; 0: none. */
  mainRegionSlot: 11,
  /** On a cache line of its own. */
  lock: 16,
  /** Not 0: this life was shut down; nothing new begins in it. */
  fenced: 32,
  /** Not 0: recovery gave up; every operation throws DSM_CORRUPT. */
  poisoned: 33,
  recoveryStep: 34,
  recoveryAttempts: 35,
  /** Seconds, truncated to 31 bits; whoever moves it sweeps. */
  sweepClock: 36,
  /** First and last free slot + 1; 0: none. Derived. */
  freeHead: 37,
  freeTail: 38,
  /** Not 0 while the free-page tree is being changed. */
  treeDirty: 39,
  /** First free entry of the table of names + 1; 0: none. Derived. */
  nameFreeHead: 40,
  /** Entries ever written to the log of deaths, modulo 2^32. */
  deathCount: 41,
  counters: 48,
  /** Single free pages beside the tree: how many, then the pages. A cache line. Derived. */
  spareCount: 64,
  words: 96,
} as const

/** Places for pages after `spareCount`. */
export const SPARE_PAGES_MAX = 15

export const FLAG = { persist: 1 } as const

/** Counters since the life began: two words each, low first. */
export const COUNTER = {
  created: 0,
  attached: 1,
  detached: 2,
  destroyed: 3,
  recoveries: 4,
  takeovers: 5,
  deaths: 6,
  reconciled: 7,
} as const

/** Words of a member entry: one cache line. */
export const MEMBER = {
  generation: 0,
  live: 1,
  pid: 2,
  threadId: 3,
  startedAt: 4,
  pidNamespace: 6,
  uid: 7,
  words: 16,
} as const

/** Words of what we keep of a slot beside PostgreSQL's part: one cache line. */
export const EXTRA = {
  size: 0,
  /** dying:1 | generation:21 | member+1:10 while refcnt is 1. */
  owner: 2,
  /** Inode or shmid; 0 while the object has none. */
  identity: 3,
  zeroed: 5,
  /** References taken back from dead members, ever. */
  abandoned: 6,
  /** Unix milliseconds at which the making was recorded. */
  recordedAt: 7,
  creatorPid: 9,
  /** Next slot + 1 in the same bucket of the handle index. Derived. */
  bucketNext: 10,
  /** Next free slot + 1. Derived. */
  freeNext: 11,
  /** Main region: times this slot was used, part of the handle. */
  useCount: 12,
  /** Names of this segment. Derived. */
  nameCount: 13,
  words: 16,
} as const

/** A name: 48 bytes of UTF-8, zero-padded, then what makes it matter. */
export const NAME = {
  bytes: 48,
  textWords: 12,
  /** Of the segment that bears the name; 0: none. */
  handle: 12,
  /** Token of the member that is making the segment for this name; 0: nobody. */
  maker: 13,
  /** Next entry + 1, in the same bucket or among the free ones. Derived. */
  next: 14,
  words: 16,
} as const

/** An entry of the log of deaths: who died, and a handle that it held or, at last, 0. */
export const DEATH = {
  member: 0,
  handle: 1,
  pid: 2,
  threadId: 3,
  startedAt: 4,
  words: 8,
} as const

/** All offsets are in words from the start of the segment. */
export interface Geometry {
  readonly maxSegments: number
  readonly maxMembers: number
  readonly partB: number
  readonly members: number
  /** Words of one slot's row of the reference matrix. */
  readonly rowWords: number
  readonly refs: number
  readonly extra: number
  readonly names: number
  /** A power of two, at least maxSegments. */
  readonly bucketCount: number
  /** Of the handle index and, as many again, of the index of names. */
  readonly buckets: number
  readonly nameBuckets: number
  /** The log of deaths, a ring. */
  readonly deaths: number
  /** Bits of a main-region handle below its counter (`carved-handle.ts`). */
  readonly handleShift: number
  /** A power of two: one member that held every segment fits, and everybody's end. */
  readonly deathCapacity: number
  readonly sizeBytes: number
}

const CACHE_LINE_WORDS = 16
const alignUp = (words: number): number => Math.ceil(words / CACHE_LINE_WORDS) * CACHE_LINE_WORDS

/** The least that is not below. */
const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least))

/** Seed: dsm_control_bytes_needed, and part B behind it. */
export function geometry(maxSegments: number, maxMembers: number): Geometry {
  const partB = alignUp(PG.words + SLOT.words * maxSegments)
  const members = partB + B.words
  const rowWords = Math.ceil(maxMembers / 32)
  const refs = members + MEMBER.words * maxMembers
  const extra = alignUp(refs + rowWords * maxSegments)
  const names = extra + EXTRA.words * maxSegments
  const buckets = names + NAME.words * maxSegments
  const bucketCount = powerOfTwo(Math.max(2, maxSegments))
  const nameBuckets = buckets + bucketCount
  const deaths = alignUp(nameBuckets + bucketCount)
  const deathCapacity = powerOfTwo(maxSegments + maxMembers + 1)
  const sizeBytes = (deaths + DEATH.words * deathCapacity) * 4
  return {
    maxSegments,
    maxMembers,
    partB,
    members,
    rowWords,
    refs,
    extra,
    names,
    bucketCount,
    buckets,
    nameBuckets,
    deaths,
    handleShift: 1 + Math.ceil(Math.log2(maxSegments)),
    deathCapacity,
    sizeBytes,
  }
}

/** The words of part B's header that a geometry decides, with what must stand there. */
export function geometryWords(g: Geometry): ReadonlyArray<readonly [word: number, value: number]> {
  return [
    [B.layout, LAYOUT],
    [B.sizeBytes, g.sizeBytes],
    [B.maxSegments, g.maxSegments],
    [B.maxMembers, g.maxMembers],
    [B.membersOffset, g.members],
    [B.refsOffset, g.refs],
    [B.slotExtraOffset, g.extra],
    [B.namesOffset, g.names],
    [B.bucketsOffset, g.buckets],
  ]
}
