/**
 * What members do, for `node:diagnostics_channel`: named channels that cost a test of a flag while
 * nobody listens. Subscribers are foreign code: they are called outside every section, and what one
 * throws is an uncaught exception later on, never an error of the operation.
 * Not here: counters (`stats`), and deaths, which every member is told of (`DeathWatch`).
 */
import { channel } from 'node:diagnostics_channel'

/** Whose doing it was: this environment's member of a group. */
export interface DsmEvent {
  readonly group: string
  /** Its place in the group's table of members. */
  readonly memberIndex: number
}

/** Of `dsm:detach` and `dsm:destroy`. */
export interface DsmHandleEvent extends DsmEvent {
  readonly handle: number
}

/** Of `dsm:create` and `dsm:attach`. */
export interface DsmSegmentEvent extends DsmHandleEvent {
  /** bytes */
  readonly size: number
}

/** Kept here: the registry of channels holds on to none that nobody has subscribed to. */
const channels = {
  create: channel('dsm:create'),
  attach: channel('dsm:attach'),
  detach: channel('dsm:detach'),
  destroy: channel('dsm:destroy'),
  recover: channel('dsm:recover'),
  takeover: channel('dsm:takeover'),
  sweep: channel('dsm:sweep'),
}

/** Events of one member. */
export class Diagnostics {
  readonly #source: DsmEvent

  constructor(group: string, memberIndex: number) {
    this.#source = { group, memberIndex }
  }

  created(handle: number, size: number): void {
    if (channels.create.hasSubscribers) channels.create.publish(this.#segment(handle, size))
  }

  attached(handle: number, size: number): void {
    if (channels.attach.hasSubscribers) channels.attach.publish(this.#segment(handle, size))
  }

  detached(handle: number): void {
    if (channels.detach.hasSubscribers) channels.detach.publish({ ...this.#source, handle })
  }

  /** From within an operation: told when it is over. */
  destroyed(handle: number): void {
    if (!channels.destroy.hasSubscribers) return
    queueMicrotask(() => channels.destroy.publish({ ...this.#source, handle }))
  }

  /** As `destroyed`. */
  recovered(tookOver: boolean): void {
    if (tookOver && channels.takeover.hasSubscribers) {
      queueMicrotask(() => channels.takeover.publish({ ...this.#source }))
    }
    if (channels.recover.hasSubscribers) {
      queueMicrotask(() => channels.recover.publish({ ...this.#source }))
    }
  }

  swept(): void {
    if (channels.sweep.hasSubscribers) channels.sweep.publish({ ...this.#source })
  }

  #segment(handle: number, size: number): DsmSegmentEvent {
    return { ...this.#source, handle, size }
  }
}
