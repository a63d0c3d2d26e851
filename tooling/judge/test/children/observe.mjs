/**
 * What can be seen of a PostgreSQL server's shared memory from outside: its System V header, the
 * bytes of its control segment, what its processes have mapped, and which objects there are. It
 * reads, and judges nothing. Names are as our own mechanisms give them.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readControlSegment } from '@dsm/control'
import { posix } from '@dsm/impl-posix'
import { copySegment, sysv } from '@dsm/impl-sysv'
import { segments } from './system-v.mjs'

const SHM = '/dev/shm'
const HANDLE_AT = 24
const SCOPE = { dir: '/', nonce: 'a'.repeat(13), options: {} }

/** The namespaces of ours in which a server's objects stand; its files have none. */
export const namespaces = {
  posix: posix({ namePrefix: '/PostgreSQL.' }).open(SCOPE),
  sysv: sysv().open(SCOPE),
}

/** @param cluster dead or alive, as long as it has its postmaster.pid */
export function headerOf(cluster) {
  const [, shmid] = cluster.pidFile()[6].trim().split(/\s+/).map(Number)
  const bytes = copySegment(shmid)
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    shmid,
    magic: words.getUint32(0, true),
    bytes: bytes.length,
    handle: words.getUint32(HANDLE_AT, true),
  }
}

const systemVName = key => `0x${(key >>> 0).toString(16).padStart(8, '0')}`
const keyOf = name => Number(name) | 0
const shmidOf = name => segments().find(({ key }) => key === keyOf(name))?.shmid

/** By kind: the name of a handle, its bytes, and the names in one line of /proc/<pid>/maps. */
const KINDS = {
  posix: {
    name: handle => namespaces.posix.osName(handle),
    bytes: (_, name) => readFileSync(SHM + name),
    inMaps: /\/dev\/shm(\/PostgreSQL\.\d+)/g,
    objects: () =>
      readdirSync(SHM)
        .filter(name => name.startsWith('PostgreSQL.'))
        .map(name => ({ name: `/${name}`, ...identityOf(join(SHM, name)) })),
  },
  sysv: {
    name: handle => namespaces.sysv.osName(handle),
    bytes: (_, name) => copySegment(shmidOf(name)),
    inMaps: /\/SYSV([0-9a-f]{8})/g,
    objects: () =>
      segments().map(({ key, bytes, shmid }) => {
        return { name: systemVName(key), size: bytes, identity: shmid }
      }),
  },
  mmap: {
    name: handle => `mmap.${handle}`,
    bytes: (data, name) => readFileSync(join(data, 'pg_dynshmem', name)),
    inMaps: /\/pg_dynshmem\/(mmap\.\d+)/g,
    objects: data =>
      readdirSync(join(data, 'pg_dynshmem')).map(name => ({
        name,
        ...identityOf(join(data, 'pg_dynshmem', name)),
      })),
  },
}

function identityOf(path) {
  try {
    const { size, ino } = statSync(path)
    return { size, identity: ino }
  } catch {
    return { size: -1, identity: 0 } // it went just now
  }
}

/** All objects of a kind that bear such names, whoever's. */
export const objects = (kind, data) => KINDS[kind].objects(data)

export const nameOf = (kind, handle) => KINDS[kind].name(handle)

/** A copy; null: there is no such object. */
export function bytesOf(kind, data, handle) {
  try {
    return Uint8Array.from(KINDS[kind].bytes(data, KINDS[kind].name(handle)))
  } catch {
    return null
  }
}

/** Which names each process has mapped: [pid, names]. */
function mapped(kind, pids, headerKey) {
  return pids.map(pid => {
    const names = new Set()
    for (const [, found] of mapsOf(pid).matchAll(KINDS[kind].inMaps)) {
      const name = kind === 'sysv' ? `0x${found}` : found
      if (kind !== 'sysv' || keyOf(name) !== headerKey) names.add(name)
    }
    return [pid, [...names].sort()]
  })
}

function mapsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'latin1')
  } catch {
    return '' // it ended just now
  }
}

/** Where the files lead that a process has open. */
function descriptorsOf(pid) {
  try {
    const directory = `/proc/${pid}/fd`
    return readdirSync(directory).map(fd => readlinkSync(join(directory, fd)))
  } catch {
    return [] // it ended, or closed one just now
  }
}

/**
 * Is there an object that these stopped processes use, or made, and that no slot names? PostgreSQL
 * makes an object first and a slot then: killed in between, it leaves what nobody can find again.
 */
export function unrecorded(kind, cluster, pids) {
  const { handle } = headerOf(cluster)
  const [key] = cluster.pidFile()[6].trim().split(/\s+/).map(Number)
  const { slots } = readControlSegment(bytesOf(kind, cluster.data, handle))
  const used = slots.filter(({ refcnt }) => refcnt > 0)
  const own = used.map(slot => slot.handle).filter(each => (each & 1) === 0)
  const recorded = [handle, ...own].map(each => nameOf(kind, each))
  const open = pids.flatMap(descriptorsOf).flatMap(path => [...path.matchAll(KINDS[kind].inMaps)])
  const made = kind === 'sysv' ? segments().filter(({ creator }) => pids.includes(creator)) : []
  const found = [
    ...mapped(kind, pids, key | 0).flatMap(([, names]) => names),
    ...open.map(([, name]) => name),
    ...made.filter(segment => segment.key !== (key | 0)).map(segment => systemVName(segment.key)),
  ]
  return found.filter(name => !recorded.includes(name))
}

/** One look at a living server. The control segment is read before and after the rest. */
export function look(kind, cluster) {
  const header = headerOf(cluster)
  const [key] = cluster.pidFile()[6].trim().split(/\s+/).map(Number)
  const read = () => bytesOf(kind, cluster.data, header.handle)
  const before = read()
  const maps = mapped(kind, cluster.processes(), key | 0)
  const found = objects(kind, cluster.data)
  const control = read()
  const steady = Buffer.compare(before ?? Buffer.of(), control ?? Buffer.of()) === 0
  return { header, controlName: nameOf(kind, header.handle), control, maps, objects: found, steady }
}
