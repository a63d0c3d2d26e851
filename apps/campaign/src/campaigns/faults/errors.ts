/**
 * In which ways a system call can fail: the errors of its manual page, in three sorts. It knows no
 * operation and fails nothing.
 */
import { constants } from 'node:os'

const { errno: E } = constants
type Name = keyof typeof E

/** `failure`: it did not work. `answer`: it says what is not so. `half`: less was done. */
export type Sort = 'failure' | 'answer' | 'half'

export interface CallError {
  /** As the shim takes it: an errno, or less than 0. */
  readonly number: number
  readonly name: string
  readonly sort: Sort
}

/** `write` writes half of it, which is no error at all. */
const HALF: CallError = { number: -1, name: 'half', sort: 'half' }

const OPEN: readonly Name[] = [
  ...(['EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'ENOMEM', 'ENOSPC', 'EINTR', 'EIO'] as const),
  ...(['EINVAL', 'EROFS', 'EDQUOT', 'EOVERFLOW', 'EBUSY'] as const),
]
/** Not EINVAL, nor EPERM: libuv takes them to mean that there is no statx, and never asks again. */
const LOOK: readonly Name[] = ['EACCES', 'ENOMEM', 'EIO', 'ENOTDIR']
const NAMES: readonly Name[] = ['EACCES', 'EPERM', 'ENOSPC', 'ENOMEM', 'EIO', 'EROFS', 'EBUSY']
const GIVE_BACK: readonly Name[] = ['EINTR', 'EIO', 'ENOSPC']

const FAILURES: Readonly<Record<string, readonly Name[]>> = {
  open: OPEN,
  openat: OPEN,
  statx: LOOK,
  fstat: ['ENOMEM', 'EIO', 'EOVERFLOW'],
  access: LOOK,
  fcntl: ['EINTR', 'ENOLCK', 'EINVAL', 'EMFILE', 'EDEADLK', 'EIO'],
  ioctl: ['EINVAL', 'ENOTTY', 'EFAULT'],
  posix_fallocate: ['ENOSPC', 'EINTR', 'EIO', 'EINVAL', 'EFBIG', 'ENODEV', 'EOPNOTSUPP'],
  ftruncate: ['EFBIG', 'EINTR', 'EINVAL', 'EIO', 'EPERM'],
  fstatvfs: ['EINTR', 'EIO', 'ENOMEM', 'ENOSYS', 'EOVERFLOW'],
  mmap: ['ENOMEM', 'EACCES', 'EAGAIN', 'ENFILE', 'EPERM', 'EINVAL', 'ENODEV', 'EOVERFLOW'],
  mremap: ['ENOMEM', 'EAGAIN', 'EFAULT', 'EINVAL'],
  madvise: ['ENOMEM', 'EINVAL', 'EAGAIN', 'EIO', 'EINTR', 'EFAULT'],
  mkdir: NAMES,
  mkdirat: NAMES,
  chmod: NAMES,
  fchmod: ['EPERM', 'EIO', 'EROFS'],
  fchmodat: NAMES,
  read: ['EIO', 'EINTR', 'EISDIR', 'EINVAL'],
  write: ['ENOSPC', 'EIO', 'EINTR', 'EDQUOT', 'EFBIG', 'EPERM'],
  rename: [...NAMES, 'EDQUOT', 'EXDEV'],
  unlink: NAMES,
  unlinkat: NAMES,
  rmdir: NAMES,
  scandir: ['EACCES', 'EMFILE', 'ENFILE', 'ENOMEM'],
  shmget: ['ENOSPC', 'ENOMEM', 'EACCES', 'ENFILE', 'EPERM', 'EINVAL'],
  shmat: ['ENOMEM', 'EACCES', 'EMFILE'],
  shmctl: ['EPERM', 'ENOMEM', 'EOVERFLOW'],
  futex: ['EINTR', 'ENOSYS', 'EINVAL', 'ENOMEM'],
  close: GIVE_BACK,
  munmap: ['ENOMEM', 'EINVAL'],
  shmdt: ['EINVAL'],
}

/** What these say may be true of the next moment: the caller has to live with it. */
const ANSWERS: Readonly<Record<string, readonly Name[]>> = {
  fcntl: ['EAGAIN', 'EACCES'],
  mkdir: ['EEXIST'],
  mkdirat: ['EEXIST'],
  open: ['ENOENT', 'EEXIST', 'ELOOP', 'ENXIO'],
  openat: ['ENOENT', 'EEXIST', 'ELOOP', 'ENXIO'],
  statx: ['ENOENT'],
  access: ['ENOENT'],
  unlink: ['ENOENT'],
  unlinkat: ['ENOENT'],
  rmdir: ['ENOENT', 'ENOTEMPTY'],
  rename: ['ENOENT'],
  shmget: ['ENOENT', 'EEXIST'],
  shmat: ['EINVAL', 'EIDRM'],
  shmctl: ['EINVAL', 'EIDRM', 'EACCES'],
  futex: ['EAGAIN'],
}

/** It says that there is no such thing, or that it is not ours: who believes that leaves it. */
export const isLie = ({ name, sort }: CallError): boolean =>
  sort === 'answer' && (name === 'ENOENT' || name === 'EACCES')

/**
 * Giving an object its memory takes long enough to be broken off, by a process that is stopped and
 * goes on: nobody is to hear of it.
 */
export const isMetByTrying = ({ call, error }: { call: string; error: CallError }): boolean =>
  error.name === 'EINTR' && (call === 'posix_fallocate' || call === 'madvise')

export function errorsOf(call: string): CallError[] {
  const of = (names: readonly Name[] | undefined, sort: Sort): CallError[] =>
    (names ?? []).map(name => ({ number: E[name], name, sort }))
  const errors = [...of(FAILURES[call], 'failure'), ...of(ANSWERS[call], 'answer')]
  return call === 'write' ? [...errors, HALF] : errors
}
