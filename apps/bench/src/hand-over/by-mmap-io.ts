/** @riaskov/mmap-io: a file by its path, on tmpfs as ours. It unmaps when it is collected. */
import { closeSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { loadPeer } from '../peers.js'
import { FIRST_BYTE, nothing, type Way } from './way.js'

interface MmapIo {
  readonly PROT_READ: number
  readonly MAP_SHARED: number
  map(size: number, protection: number, flags: number, fd: number): Buffer
}

const PEER = '@riaskov/mmap-io'

export const byMmapIo: Way = {
  name: PEER,
  needs: PEER,
  give(size) {
    loadPeer(PEER)
    const path = `/dev/shm/dsm-bench-mmap-io-${process.pid}`
    writeFileSync(path, Buffer.alloc(size, FIRST_BYTE))
    return { word: '', message: path, close: () => rmSync(path) }
  },
  take() {
    const mmap = loadPeer<MmapIo>(PEER)
    return {
      take(message) {
        const fd = openSync(String(message), 'r')
        const { size } = statSync(String(message))
        const bytes = mmap.map(size, mmap.PROT_READ, mmap.MAP_SHARED, fd)
        closeSync(fd)
        return { bytes, done: nothing }
      },
      close: nothing,
    }
  },
}
