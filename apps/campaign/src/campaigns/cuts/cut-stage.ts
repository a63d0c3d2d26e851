/**
 * The group in which the campaign `cuts` cuts: one member that is cut, one that looks on, a guest
 * that comes for some operations. After each cut everything that the cut one holds is let go, and
 * then the group must be what it was in the beginning: to its members, and to the system.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Member } from '@dsm/control'
import { type Dsm, openDsm, type Segment } from '@dsm/core'
import { Auditor } from '../../auditor.js'
import { isRemoved, Objects } from '../../machine.js'
import type { CutOptions } from './cut-protocol.js'
import { Faults, faultyImpl } from './faulty-impl.js'

const SIZES = { maxMembers: 6, maxSegments: 8 }
const LOCK_TIMEOUT_MS = 2_000
const SIZE = 4096
const PATTERN = 0x5a
/** Of the kept segment: bytes that nobody writes but the lock of the users. */
const PATTERN_FROM = 64

export class Stage {
  readonly faults = new Faults()
  readonly one: Dsm
  readonly other: Dsm
  readonly kept: Segment
  /** Joined, or undefined: a cut may come before we know of it. */
  guest: Dsm | null = null
  /** A logger of the cut one that throws, if it is set. */
  loggerThrows: string | null = null
  readonly problems: string[] = []
  /** Members that nobody has a reference to; they leave with the process. */
  unreachable = 0
  readonly #options: CutOptions
  readonly #auditor: Auditor
  readonly #objects: Objects
  readonly #makers = new Set([process.pid])
  readonly #before: ReadonlySet<string>
  readonly #pages: number

  constructor(options: CutOptions) {
    const { group: name, backend, region: mainRegionSize } = options
    this.#options = options
    const group = { lockTimeoutMs: LOCK_TIMEOUT_MS, logger: this.#logger() }
    const impl = faultyImpl(backend, this.faults)
    this.other = openDsm({ ...group, ...SIZES, name, impl: backend, mainRegionSize })
    this.one = openDsm({ ...group, name, impl })
    this.kept = this.other.create(SIZE, { ownObject: true })
    this.kept.bytes.fill(PATTERN, PATTERN_FROM)
    this.#objects = new Objects(backend, this.kept.osName ?? '')
    this.#before = this.#listed()
    this.#pages = this.#freePages()
    const unslotted = new Set(this.#before)
    unslotted.delete(this.kept.osName ?? '')
    this.#auditor = new Auditor(this.other, this.#objects, unslotted, this.#makers)
  }

  /** One more member; with another size than the group's it has something to warn of. */
  join(maxMembers?: number): Dsm {
    const { group: name } = this.#options
    const options = { name, lockTimeoutMs: LOCK_TIMEOUT_MS, logger: this.#logger() }
    this.guest = openDsm(maxMembers === undefined ? options : { ...options, maxMembers })
    return this.guest
  }

  /** The cut one does something, lets all go, and all is as it was. */
  mend(what: string): void {
    const before = this.problems.length
    try {
      if (this.#options.canary === 'busy') memberOf(this.one).section.end()
      this.guest?.close() // whoever was cut has to act first: the others of this thread block it
      this.guest = null
      this.one.segments()
      this.#letGo()
      this.#guestComesAndGoes()
      this.#fillUp(this.one)
      this.#fillUp(this.other)
      this.#compare()
    } catch (error) {
      this.problems.push(`the next operation threw: ${(error as Error).stack}`)
    }
    this.#auditor.check()
    this.problems.push(...this.#auditor.problems.splice(0))
    for (let at = before; at < this.problems.length; at++) {
      this.problems[at] = `${what}: ${this.problems[at]}`
    }
  }

  close(): void {
    this.kept.detach()
    this.one.close()
    this.other.close()
  }

  /** Without those that go with their last mapping. */
  left(): string[] {
    return [...this.#objects.list(this.#makers)]
  }

  #listed(): Set<string> {
    return new Set([...this.#objects.list(this.#makers)].filter(name => !isRemoved(name)))
  }

  #guestComesAndGoes(): void {
    // One that was cut while it joined is undone by the next one to join.
    const next = this.join()
    const { segment } = next.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(2))
    if (segment.bytes.some(byte => byte !== 2)) this.problems.push('a name was not made anew')
    next.close()
    this.guest = null
  }

  #letGo(): void {
    const mine = this.one.members().find(({ index }) => index === this.one.memberIndex)
    for (const handle of mine?.handles ?? []) {
      const segment = this.one.findMapping(handle)
      if (segment === null) this.problems.push(`segment ${handle} is held and cannot be let go`)
      segment?.detach()
    }
    this.one.unpublish('name')
    for (const { handle, pinned } of this.one.segments()) {
      if (pinned) this.one.unpinSegment(handle)
    }
  }

  /** Slots of the dead, and what could not be removed before, are had back when none is free. */
  #fillUp(dsm: Dsm): void {
    const made: Segment[] = []
    for (;;) {
      const segment = dsm.create(64, { nullIfMaxSegments: true })
      if (segment === null) break
      made.push(segment)
    }
    for (const segment of made) segment.detach()
    const free = SIZES.maxSegments - 1 - (this.#options.region > 0 ? 1 : 0)
    if (made.length !== free) this.problems.push(`${made.length} slots are free, not ${free}`)
  }

  #compare(): void {
    const { handle } = this.kept
    for (const dsm of [this.one, this.other]) {
      const segments = dsm.segments().map(segment => [segment.handle, segment.refcnt])
      this.#same('segments', segments, [[handle, 2]])
    }
    const members = this.other.members().map(({ handles }) => handles)
    this.unreachable = Math.max(0, members.length - 2)
    const ours = members.filter((handles, at) => at < 2 || handles.length > 0)
    this.#same('what members hold', ours, [[handle], []])
    this.#same('free pages', this.#freePages(), this.#pages)
    this.#same('objects', [...this.#listed()].sort(), [...this.#before].sort())
    const { bytes } = this.kept
    const intact = bytes.subarray(PATTERN_FROM).every(byte => byte === PATTERN)
    if (!intact) this.problems.push('bytes of a segment that nobody wrote have changed')
  }

  #same(what: string, found: unknown, wanted: unknown): void {
    if (isDeepStrictEqual(found, wanted)) return
    this.problems.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
  }

  #freePages(): number {
    return this.other.stats().mainRegion?.free ?? 0
  }

  /** What could not be done is warned of, rightly: here things are made to fail. */
  #logger() {
    const speak = (): void => {
      if (this.loggerThrows !== null) throw this.loggerThrows
    }
    return { debug: speak, info: speak, warn: speak, error: speak }
  }
}

/** What the library keeps to itself, for the canary. */
export const memberOf = (dsm: Dsm): Member => (dsm as unknown as { member: Member }).member
