/**
 * A group to be measured: on posix, in a directory of its own, with known contents.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Dsm, openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'

const MAIN_REGION_BYTES = 1 << 20
const opened: { dsm: Dsm; parent: string; dir: string }[] = []

/** The group's name is the last part of its directory. */
export function openGroup(name = 'measured', mainRegionSize = MAIN_REGION_BYTES): Dsm {
  const parent = mkdtempSync(join(tmpdir(), 'dsm-metrics-'))
  const dir = join(parent, name)
  const dsm = openDsm({ dir, impl: posix(), mainRegionSize })
  opened.push({ dsm, parent, dir })
  return dsm
}

export const directoryOf = (dsm: Dsm): string => opened.find(each => each.dsm === dsm)!.dir

/** One segment of its own, pinned; two in the main region; one more made and gone. */
export function fill(dsm: Dsm): void {
  dsm.create(10_000, { ownObject: true }).pin()
  dsm.create(5_000)
  dsm.create(4_096)
  dsm.create(1).detach()
}

export function closeGroups(): void {
  for (const { dsm, parent } of opened.splice(0)) {
    dsm.close()
    rmSync(parent, { recursive: true })
  }
}
