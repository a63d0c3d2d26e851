/** lmdb: a value by its key, in a database on tmpfs. */
import { rmSync } from 'node:fs'
import { loadPeer } from '../peers.js'
import { FIRST_BYTE, nothing, type Way } from './way.js'

interface Database {
  put(key: string, value: Uint8Array): Promise<boolean>
  getBinary(key: string): Buffer | undefined
  close(): Promise<void>
}

interface Lmdb {
  open(options: { path: string; encoding: 'binary'; readOnly?: boolean }): Database
}

const PEER = 'lmdb'
const KEY = 'bytes'

export const byLmdb: Way = {
  name: PEER,
  needs: PEER,
  async give(size) {
    const path = `/dev/shm/dsm-bench-lmdb-${process.pid}`
    const database = loadPeer<Lmdb>(PEER).open({ path, encoding: 'binary' })
    await database.put(KEY, Buffer.alloc(size, FIRST_BYTE))
    return {
      word: path,
      message: KEY,
      async close() {
        await database.close()
        for (const file of [path, `${path}-lock`]) rmSync(file, { recursive: true, force: true })
      },
    }
  },
  take(path) {
    const database = loadPeer<Lmdb>(PEER).open({ path, encoding: 'binary', readOnly: true })
    return {
      take: key => ({ bytes: database.getBinary(String(key))!, done: nothing }),
      close: () => database.close(),
    }
  },
}
