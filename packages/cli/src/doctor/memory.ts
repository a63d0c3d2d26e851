/** Checks of the memory there is: /dev/shm, the container's limit, System V, a process's limits. */
import { formatBytes, formatCount } from '../text/format.js'
import { type Finding, finding, ok } from './finding.js'
import type { System } from './system.js'

const MIB = 2 ** 20
/** What a container has by default. */
const CONTAINER_DEFAULT = 64 * MIB
const TMPFS_MAGIC = 0x01021994

const ENLARGE =
  'In a container: docker run --shm-size=1g, or shm_size in a compose file, or a memory-backed ' +
  'emptyDir at /dev/shm in Kubernetes. Else: mount -o remount,size=1g /dev/shm'

export function checkShm(system: System): Finding[] {
  const found = system.fileSystem('/dev/shm')
  if (found === null) {
    const mend = 'Mount one: mount -t tmpfs -o mode=1777 tmpfs /dev/shm; or use mmap() with a dir'
    return [finding('shm', 'error', 'there is no /dev/shm: posix() cannot work', mend)]
  }
  const says = `/dev/shm has ${formatBytes(found.size)}, ${formatBytes(found.free)} free`
  const findings = [
    found.size <= CONTAINER_DEFAULT
      ? finding('shm-size', 'warning', `${says}; 64 MiB is a container's default`, ENLARGE)
      : found.free < found.size / 10
        ? finding(
            'shm-size',
            'warning',
            `${says}: nearly full`,
            `See what is in it, or: ${ENLARGE}`,
          )
        : ok('shm-size', says),
  ]
  if (found.type !== TMPFS_MAGIC) {
    const says = '/dev/shm is no tmpfs: segments are written to a disk'
    findings.push(
      finding('shm-type', 'warning', says, 'mount -t tmpfs -o mode=1777 tmpfs /dev/shm'),
    )
  }
  return findings
}

/** Pages of tmpfs count as a container's memory; a create allocates all of them. */
export function checkContainer(system: System): Finding {
  const limit = Number(system.read('/sys/fs/cgroup/memory.max')?.trim() ?? 'none')
  const shm = system.fileSystem('/dev/shm')
  if (!Number.isFinite(limit))
    return ok('memory-limit', 'no memory limit of a control group is seen')
  const says = `this control group may use ${formatBytes(limit)} of memory, shared memory included`
  if (shm !== null && shm.size > limit) {
    const mend = 'Count segments in when the limit is set: beyond it the kernel kills a process'
    return finding('memory-limit', 'note', `${says}; /dev/shm alone may grow beyond it`, mend)
  }
  return ok('memory-limit', says)
}

const SYSV = '/proc/sys/kernel/'
const SHMMAX_WANTED = 2 ** 30
const SLOTS_SPARE = 64

export function checkSystemV(system: System): Finding[] {
  const [max, all, slots] = ['shmmax', 'shmall', 'shmmni'].map(name =>
    Number(system.read(SYSV + name)?.trim() ?? Number.NaN),
  )
  if (max === undefined || Number.isNaN(max)) {
    return [finding('sysv', 'note', 'System V limits cannot be read: sysv() may not work', null)]
  }
  const used = (system.read('/proc/sysvipc/shm') ?? '').trim().split('\n').length - 1
  return [
    limit('shmmax', max, SHMMAX_WANTED, `kernel.shmmax, for one System V segment: ${big(max)}`),
    limit(
      'shmall',
      all! * 4096,
      SHMMAX_WANTED,
      `kernel.shmall, for all of them: ${big(all! * 4096)}`,
    ),
    slots! - used < SLOTS_SPARE
      ? finding(
          'shmmni',
          'warning',
          `kernel.shmmni: ${formatCount(used)} of ${formatCount(slots!)} segments are in use`,
          'sysctl -w kernel.shmmni=8192; ipcs -m says whose they are',
        )
      : ok('shmmni', `kernel.shmmni: ${formatCount(used)} of ${formatCount(slots!)} in use`),
  ]
}

const big = (bytes: number): string => (bytes > 2 ** 50 ? 'no limit' : formatBytes(bytes))

const limit = (name: string, value: number, wanted: number, says: string): Finding =>
  value >= wanted
    ? ok(name, says)
    : finding(name, 'warning', says, `For sysv(): sysctl -w kernel.${name}=18446744073692774399`)

const FILES_WANTED = 1024

/** What a process may have: a descriptor or two for each group, and room for what it maps. */
export function checkProcessLimits(system: System): Finding[] {
  const text = system.read('/proc/self/limits') ?? ''
  const soft = (name: string): number => {
    const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(text)?.[1] ?? 'unlimited'
    return value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value)
  }
  const files = soft('Max open files')
  const findings = [
    files < FILES_WANTED
      ? finding('nofile', 'warning', `a process may open ${files} files`, 'ulimit -n 65536')
      : ok('nofile', `a process may open ${formatCount(files)} files`),
  ]
  const space = soft('Max address space')
  if (space !== Number.POSITIVE_INFINITY) {
    const says = `address space is limited to ${formatBytes(space)}: mapping may fail`
    findings.push(finding('as', 'warning', says, 'ulimit -v unlimited'))
  }
  const size = soft('Max file size')
  if (size !== Number.POSITIVE_INFINITY) {
    const says = `files, and so posix and mmap segments, may have ${formatBytes(size)}`
    findings.push(finding('fsize', 'warning', says, 'ulimit -f unlimited'))
  }
  return findings
}
