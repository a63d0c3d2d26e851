/** The System V segments of this machine, as the kernel lists them. */
import { readFileSync } from 'node:fs'

/** @returns {{ key: number, shmid: number, bytes: number, creator: number, attached: number }[]} */
export function segments() {
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n').slice(1)
  return rows.map(row => {
    const [key, shmid, , bytes, creator, , attached] = row.trim().split(/\s+/).map(Number)
    return { key, shmid, bytes, creator, attached }
  })
}

/** 0 if there is no such segment. */
export const attachments = shmid => segments().find(found => found.shmid === shmid)?.attached ?? 0
