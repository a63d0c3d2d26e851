/** shm-typed-array: a System V segment by its key. Nothing looks at the bytes after `detach`. */
import { randomInt } from 'node:crypto'
import { loadPeer } from '../peers.js'
import { FIRST_BYTE, nothing, type Way } from './way.js'

interface ShmTypedArray {
  create(count: number, type: 'Uint8Array', key: number): Uint8Array | null
  get(key: number, type: 'Uint8Array'): Uint8Array | null
  detach(key: number): number
  destroy(key: number): boolean
}

const PEER = 'shm-typed-array'

export const byShmTypedArray: Way = {
  name: PEER,
  needs: PEER,
  give(size) {
    const shm = loadPeer<ShmTypedArray>(PEER)
    const key = randomInt(1, 2 ** 31)
    shm.create(size, 'Uint8Array', key)!.fill(FIRST_BYTE)
    return {
      word: '',
      message: key,
      close() {
        shm.destroy(key)
      },
    }
  },
  take() {
    const shm = loadPeer<ShmTypedArray>(PEER)
    return {
      take(message) {
        const key = Number(message)
        return { bytes: shm.get(key, 'Uint8Array')!, done: () => void shm.detach(key) }
      },
      close: nothing,
    }
  },
}
