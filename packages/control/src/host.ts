/**
 * Where dsm does not run, refused before anything is touched: with rights that are not the user's
 * own, and with a directory on a file system whose locks may not be dropped when a holder dies.
 *
 * Rights that a program file lends (set-user-id) would make a directory of one user from options of
 * another. File capabilities lend no other user, and are not refused.
 */
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DsmError } from '@dsm/impl'

/** @throws DSM_ACCESS */
export function assertOwnRights(): void {
  const user = process.getuid?.() === process.geteuid?.()
  if (user && process.getgid?.() === process.getegid?.()) return
  throw new DsmError(
    'DSM_ACCESS',
    'this process runs with the rights of a set-user-id or set-group-id program, and would share ' +
      "memory as one user with another user's options; start it as the user it is to be",
    { op: 'open' },
  )
}

/** By the `f_type` of statfs(2): a lock there is another machine's, or another program's, word. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x0102_1997, '9p'],
  [0x6573_5546, 'FUSE'],
  [0xff53_4d42, 'CIFS'],
  [0xfe53_4d42, 'SMB2'],
  [0x00c3_6400, 'Ceph'],
])

/** @throws DSM_UNSUPPORTED */
export function assertLocalFilesystem(path: string, typeOf = filesystemType): void {
  const name = REMOTE.get(typeOf(path))
  if (name === undefined) return
  throw new DsmError(
    'DSM_UNSUPPORTED',
    `"${path}" is on ${name}, where a dead member's lock may stay; name a directory on a local ` +
      'file system (tmpfs, ext4, xfs …) with the "dir" option or DSM_DIR',
    { op: 'open', segment: path },
  )
}

/** 32 bits, of the nearest directory that there is. 0 if the system does not say. */
function filesystemType(path: string): number {
  try {
    return statfsSync(path).type >>> 0
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' && path !== dirname(path) ? filesystemType(dirname(path)) : 0
  }
}
