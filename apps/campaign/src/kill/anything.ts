/**
 * What the next one does after a death: any operation, whatever the dead was doing. It must work as
 * if nobody had died.
 */
import type { Dsm } from '@dsm/core'
import { DsmError } from '@dsm/impl'
import type { Random } from '../random.js'
import { LARGE, SIZE, sweep } from './operations.js'

type Deed = (dsm: Dsm, open: () => Dsm) => void

const deeds: readonly Deed[] = [
  dsm => dsm.create(SIZE).detach(),
  dsm => dsm.create(LARGE, { ownObject: true }).detach(),
  dsm => {
    const { segment } = dsm.getOrCreate('made', SIZE, ({ bytes }) => bytes.fill(1))
    if (segment.bytes.some(byte => byte !== 1)) throw new Error('a named segment was not filled')
    segment.detach()
  },
  dsm => {
    dsm.publish('name', dsm.lookup('base') ?? 0)
    dsm.unpublish('name')
  },
  dsm => {
    const handle = dsm.lookup('base') ?? 0
    if (dsm.findMapping(handle) === null) dsm.attach(handle)?.detach()
  },
  dsm => {
    const segment = dsm.create(SIZE)
    segment.pin()
    segment.detach()
    dsm.unpinSegment(segment.handle)
  },
  dsm => void dsm.segments(),
  (dsm, open) => {
    const joiner = open()
    joiner.attach(dsm.lookup('base') ?? 0)
    joiner.close()
  },
  sweep,
]

/** @param full there may be no room for what it does; that is no problem then. */
export function anything(dsm: Dsm, open: () => Dsm, random: Random, full: boolean): void {
  try {
    random.pick(deeds)?.(dsm, open)
  } catch (error) {
    const code = DsmError.isInstance(error) ? error.code : ''
    if (!full || !code.startsWith('DSM_TOO_MANY')) throw error
  }
}
