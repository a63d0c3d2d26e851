/** Our side of several trials: segments made, attached to and let go of, in this process. */
import type { Dsm, DsmOptions } from '@dsm/core'
import { joinGroup, makeGroup } from '../group.js'
import type { Contender, Subject } from '../trial.js'

export const PAGE_BYTES = 4096

export interface Setting {
  /** The backend; where `options` has a main region, segments come out of that. */
  readonly impl: string
  readonly options?: Partial<DsmOptions>
  /** Bytes; default one page. */
  readonly size?: number
  /** Other segments that exist meanwhile. */
  readonly live?: number
  /** Writes into each segment, so that its buffer is made. */
  readonly touch?: true
}

/** Room for `live` segments of a page and what a trial makes. */
export const mainRegion = (live = 0, maxSegments = 1024): Partial<DsmOptions> => ({
  maxSegments,
  mainRegionSize: 64 * 2 ** 20 + live * PAGE_BYTES,
})

function populate(dsm: Dsm, { live = 0, size = PAGE_BYTES }: Setting): void {
  for (let made = 0; made < live; made++) dsm.create(size, { owner: null })
}

export function creating(setting: Setting): Subject {
  const { impl, options, size = PAGE_BYTES, touch } = setting
  const dsm = makeGroup(impl, options)
  populate(dsm, setting)
  const untouched = (count: number): void => {
    for (let done = 0; done < count; done++) dsm.create(size).detach()
  }
  const touched = (count: number): void => {
    for (let done = 0; done < count; done++) {
      const segment = dsm.create(size)
      segment.bytes[0] = 1
      segment.detach()
    }
  }
  return { batch: touch ? touched : untouched, close: () => dsm.close() }
}

/** To a segment that another member made. */
export function attaching(setting: Setting): Subject {
  const { impl, options, size = PAGE_BYTES, touch } = setting
  const maker = makeGroup(impl, options)
  populate(maker, setting)
  const { handle } = maker.create(size)
  const dsm = joinGroup()
  const untouched = (count: number): void => {
    for (let done = 0; done < count; done++) dsm.attach(handle)!.detach()
  }
  const touched = (count: number): void => {
    for (let done = 0; done < count; done++) {
      const segment = dsm.attach(handle)!
      segment.bytes[0] = 1
      segment.detach()
    }
  }
  return {
    batch: touch ? touched : untouched,
    close() {
      dsm.close()
      maker.close()
    },
  }
}

export const creator = (name: string, setting: Setting): Contender => ({
  name,
  open: () => creating(setting),
})

export const attacher = (name: string, setting: Setting): Contender => ({
  name,
  open: () => attaching(setting),
})
