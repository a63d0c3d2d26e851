/**
 * Memory of several processes together, as the kernel counts it: the proportional set size (Pss),
 * in which a page that n processes share counts 1/n for each, so that a sum counts it once.
 */
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const SWEEP_MS = 50

/** Bytes; null where the kernel does not tell (anything but Linux). */
export function memoryTogether(pids: readonly number[]): number | null {
  let total = 0
  for (const pid of pids) {
    const pss = proportionalSetSize(pid)
    if (pss === null) return null
    total += pss
  }
  return total
}

function proportionalSetSize(pid: number): number | null {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

/** Node has no call for it without a flag; the flag can be set late, and shows in new contexts. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  collect()
  await setTimeout(SWEEP_MS) // array buffers are given back by another thread, afterwards
  collect()
}
