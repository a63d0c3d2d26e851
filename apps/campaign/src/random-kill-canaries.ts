/**
 * The bugs that the campaign `random-kill` puts in on purpose, in a group of the posix backend, to
 * show that its checks would notice real ones.
 */
import { openSync, readSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import type { Dsm, Segment } from '@dsm/core'

const PG_HEADER_BYTES = 16
const PG_SLOT_BYTES = 40
const REFCNT_OFFSET = 4

export function plant(canary: string, dsm: Dsm, board: Segment): void {
  const file = `/dev/shm${board.osName}`
  const prefix = file.slice(0, file.lastIndexOf('.') + 1)
  // An object that no slot names: what PostgreSQL leaves when it dies between object and slot.
  if (canary === 'orphan') writeFileSync(`${prefix}${2 ** 31}`, 'x', { mode: 0o600 })
  // A slot whose object is gone.
  if (canary === 'lost') unlinkSync(file)
  if (canary === 'miscount') miscount(`${prefix}${dsm.controlHandle}`)
}

/** One reference too many in the first slot, which is the board's. */
function miscount(controlFile: string): void {
  const descriptor = openSync(controlFile, 'r+')
  const word = new Int32Array(1)
  const at = PG_HEADER_BYTES + 0 * PG_SLOT_BYTES + REFCNT_OFFSET
  readSync(descriptor, word, 0, 4, at)
  word[0] = (word[0] ?? 0) + 1
  writeSync(descriptor, word, 0, 4, at)
}
