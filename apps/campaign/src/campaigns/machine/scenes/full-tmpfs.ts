/** A file system that is really full: DSM_NO_SPACE at create, nothing lost, never SIGBUS. */
import { statfsSync, writeFileSync } from 'node:fs'
import { DsmError } from '@dsm/core'
import { needsNamespaces, type Scene } from '../scene.js'

const SMALL = 'mount -t tmpfs -o size=1m,mode=1777 none /dev/shm && exec "$0" "$@"'

export const fullTmpfs: Scene = {
  name: 'full tmpfs',
  within: ['unshare', '-m', 'sh', '-c', SMALL],
  needs: needsNamespaces,
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const other = stage.actor()
    await other.does('attach', board.handle)
    const { bavail, bsize } = statfsSync('/dev/shm')
    writeFileSync('/dev/shm/stranger', Buffer.alloc((bavail - 4) * bsize))
    const size = 50_000
    try {
      dsm.create(size)
      stage.check(false, 'there was room in a full file system')
    } catch (error) {
      stage.same(DsmError.isInstance(error) && error.code, 'DSM_NO_SPACE', 'create')
    }
    stage.same(await other.does('create', size), 'DSM_NO_SPACE', 'create by another')
    stage.same(dsm.segments().length, 1, 'segments')
    board.bytes.fill(1)
    stage.same(await other.does('touch', board.handle), null, 'writing what was had before')
    const small = dsm.create(bsize)
    small.bytes.fill(1)
    small.detach()
    writeFileSync('/dev/shm/stranger', '')
    stage.check(Number(await other.does('create', size)) > 0, 'no room once there was some')
    await other.does('close')
  },
}
