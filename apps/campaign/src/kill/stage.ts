/**
 * The group in which victims die, and what must be true of it after each death. Its members are
 * all of this process, so nobody sweeps it behind our back, and all of it happens in turn.
 *
 * A group of others outlives many victims: after each it is mended, compared with what it was, and
 * used again; in the end it must give everything back. Where the victim is alone, the next one to
 * open cleans up.
 */
import { type Dsm, openDsm, openDsmAsync, type Segment } from '@dsm/core'
import { DsmError, type DsmImpl } from '@dsm/impl'
import { Auditor } from '../auditor.js'
import { Objects } from '../machine.js'
import type { Random } from '../random.js'
import { plant } from '../random-kill-canaries.js'
import { warningsTo } from '../warnings.js'
import { anything } from './anything.js'
import { Baseline } from './baseline.js'
import type { Ground } from './ground.js'
import { type GroupState, memberOf, type Operation, type Scene, SIZE, sweep } from './operations.js'
import type { Probe } from './probe.js'

export const MAX_MEMBERS = 6
export const MAX_SEGMENTS = 12
const OTHERS = 3

export interface Setting {
  readonly impl: DsmImpl
  readonly regionBytes: number
  readonly group: GroupState
  readonly operation: Operation
}

export type Tell = (problem: string) => void

let groups = 0

export class Stage {
  readonly #setting: Setting
  readonly #ground: Ground
  readonly #random: Random
  readonly #tell: Tell
  readonly #name = `g${++groups}`
  /** The first is the one that looks. None in an empty group. */
  #others: Dsm[] = []
  #base: Segment | null = null
  #baseline: Baseline | null = null
  #auditor: Auditor | null = null
  #filling: Segment[] = []
  /** The last that was opened in this process. */
  newest: Dsm | null = null
  /** A victim ended this life of the group; what is left of us there is closed. */
  #over = false

  constructor(setting: Setting, ground: Ground, random: Random, tell: Tell) {
    this.#setting = setting
    this.#ground = ground
    this.#random = random
    this.#tell = tell
    if (setting.group !== 'empty') this.#populate()
  }

  /** Can it be used for another victim? */
  get lasts(): boolean {
    return this.#others.length > 0 && !this.#over
  }

  scene(probe: Probe): Scene {
    return {
      open: () => this.#open(),
      openAsync: () => openDsmAsync(this.#options()),
      expose: buffer => probe.expose(buffer),
    }
  }

  #options() {
    return {
      name: this.#name,
      impl: this.#setting.impl,
      maxMembers: MAX_MEMBERS,
      maxSegments: MAX_SEGMENTS,
      mainRegionSize: this.#setting.regionBytes,
      persist: this.#setting.operation.persist ?? false,
      logger: warningsTo(this.#tell),
    }
  }

  #open(): Dsm {
    this.newest = openDsm(this.#options())
    return this.newest
  }

  /** Several members with segments, pins and names. */
  #populate(): void {
    const { group, operation } = this.#setting
    for (let index = 0; index < OTHERS; index++) this.#others.push(this.#open())
    const [first, second] = this.#others as [Dsm, Dsm]
    this.#base = first.create(SIZE, { ownObject: true })
    const carved = first.create(SIZE)
    const pinned = second.create(SIZE)
    for (const segment of [this.#base, carved]) second.attach(segment.handle)
    pinned.pin()
    first.publish('base', this.#base.handle)
    first.publish('carved', carved.handle)
    second.publish('pinned', pinned.handle)
    carved.bytes.fill(7)
    const free = MAX_MEMBERS - OTHERS - (operation.joins ? 0 : 1) - (operation.dead ? 1 : 0)
    for (let index = 0; group === 'full' && index < free; index++) this.#others.push(this.#open())
    const objects = new Objects(this.#setting.impl.kind as 'posix', this.#base.osName ?? '')
    const makers = this.#ground.makers
    const unslotted = objects.list(makers)
    this.#auditor = new Auditor(first, objects, unslotted, makers)
    this.#baseline = new Baseline(first, { base: this.#base, carved, pinned })
  }

  /** A full group: every page and slot, but for one if somebody is to die before. */
  fill(): void {
    const [, , dsm] = this.#others
    if (this.#setting.group !== 'full' || dsm === undefined) return
    const spare = this.#setting.operation.dead === undefined ? 0 : 1
    if (this.#setting.regionBytes > 0) {
      const pages = dsm.stats().mainRegion?.largest ?? 0
      if (pages > 0 && this.#freeSlots() > spare) this.#filling.push(dsm.create(pages * 4096))
    }
    while (this.#freeSlots() > spare) this.#filling.push(dsm.create(1, { ownObject: true }))
  }

  /** Without the lock, which a dead one may hold. */
  #freeSlots(): number {
    const { control } = memberOf(this.#others[0]!)
    let free = 0
    for (let slot = 0; slot < MAX_SEGMENTS; slot++) {
      if (control.words[control.slot(slot) + 1] === 0) free++
    }
    return free
  }

  tolerates(error: unknown): boolean {
    if (this.#setting.group !== 'full' || !DsmError.isInstance(error)) return false
    return error.code === 'DSM_TOO_MANY_SEGMENTS' || error.code === 'DSM_TOO_MANY_MEMBERS'
  }

  /** Somebody died. The others go on, all is as it must be, and as it was. */
  mourn(pids: readonly number[], canary: string | null): void {
    for (const pid of pids) this.#ground.makers.add(pid)
    try {
      if (this.#others.length === 0) this.#succeed(canary)
      else this.#goOn(pids, canary)
    } catch (error) {
      this.#tell(`the next one could not go on: ${(error as Error).stack}`)
      this.#over = true
    }
  }

  #goOn(pids: readonly number[], canary: string | null): void {
    const [first] = this.#others as [Dsm]
    if (this.#wasShutDown(first)) {
      this.#over = true
      return
    }
    const actor = this.#random.pick(this.#others) as Dsm
    anything(actor, () => this.#open(), this.#random, this.#setting.group === 'full')
    sweep(first)
    if (canary !== null) plant(canary, first, this.#base!)
    for (const pid of pids) this.#auditor?.died(pid)
    this.#audit()
    if (this.#auditor?.mourning) this.#tell('the dead is still a member')
    const members = first.members().length
    if (members !== this.#others.length) this.#tell(`${members} members are left`)
    for (const segment of this.#filling) segment.detach()
    this.#filling = []
    for (const problem of this.#baseline?.differences() ?? []) this.#tell(problem)
  }

  #audit(): void {
    const auditor = this.#auditor
    if (auditor === null) return
    auditor.check()
    for (const problem of auditor.problems.splice(0)) this.#tell(problem)
  }

  #wasShutDown(dsm: Dsm): boolean {
    try {
      dsm.lookup('base')
      return false
    } catch (error) {
      if (DsmError.isInstance(error) && error.code === 'DSM_CLOSED') return true
      throw error
    }
  }

  /** Nobody was left: the next one to open begins anew, or with what was to stay. */
  #succeed(canary: string | null): void {
    const dsm = this.#open()
    const segment = dsm.create(SIZE, { ownObject: true })
    if (canary !== null) plant(canary, dsm, segment)
    if (dsm.members().length !== 1) this.#tell('the dead is still a member')
    const { persist } = this.#setting.operation
    for (const { handle, pinned, refcnt } of dsm.segments()) {
      if (handle === segment.handle) continue
      if (!persist || !pinned) this.#tell(`segment ${handle} (${refcnt}) outlived its life`)
      if (pinned) dsm.unpinSegment(handle)
    }
    segment.detach()
    dsm.close()
  }

  /** Everything is used once, then given back; nothing is left. */
  end(): void {
    try {
      if (this.lasts) this.#useEverything(this.#others[0]!)
      for (const dsm of this.#others) dsm.close()
      if (this.#over) this.#succeed(null)
    } catch (error) {
      this.#tell(`the group could not be ended: ${(error as Error).stack}`)
    }
    for (const name of this.#ground.leftovers()) this.#tell(`left behind: ${name}`)
  }

  /** No slot, page or entry was lost on the way. */
  #useEverything(dsm: Dsm): void {
    const made: Segment[] = []
    const expected = this.#freeSlots()
    const { mainRegion } = dsm.stats()
    if (mainRegion !== null) made.push(dsm.create(mainRegion.largest * 4096))
    for (;;) {
      const segment = dsm.create(1, { ownObject: true, nullIfMaxSegments: true })
      if (segment === null) break
      made.push(segment)
    }
    if (made.length !== expected) this.#tell(`${made.length} of ${expected} slots could be used`)
    for (const segment of made) segment.detach()
  }
}
