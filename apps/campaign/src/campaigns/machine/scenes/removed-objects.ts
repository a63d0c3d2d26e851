/** Somebody else removes what is in /dev/shm: mappings stay, and the group says so. */
import { existsSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { type Dsm, DsmError } from '@dsm/core'
import { warningsTo } from '../../../warnings.js'
import type { Scene } from '../scene.js'

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return DsmError.isInstance(error) ? error.code : String(error)
  }
}

const controlOf = (dsm: Dsm, osName: string): string => {
  const name = `${osName.slice(1, osName.lastIndexOf('.'))}.${dsm.controlHandle}`
  return readdirSync('/dev/shm').find(other => other === name) ?? ''
}

const segmentRemoved: Scene = {
  name: 'removed segment',
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const other = stage.actor()
    await other.does('join')
    unlinkSync(`/dev/shm${board.osName}`)
    board.bytes.fill(3)
    stage.same(await other.does('attach', board.handle), 'DSM_NOT_FOUND', 'attaching it')
    dsm.create(5000).detach()
    board.detach()
    stage.same(dsm.segments().length, 0, 'segments')
    await other.does('close')
  },
}

/** Its name is somebody else's now: it is a file of this user's all the same, and stays. */
const segmentReplaced: Scene = {
  name: 'replaced segment',
  async play(stage) {
    const dsm = stage.open({ logger: warningsTo(() => undefined) })
    const segment = dsm.create(SIZE, { ownObject: true })
    const file = `/dev/shm${segment.osName}`
    unlinkSync(file)
    writeFileSync(file, new Uint8Array(SIZE), { mode: 0o600 })
    segment.detach()
    stage.check(existsSync(file), 'what somebody else had put there was removed')
    stage.same(dsm.segments().length, 0, 'segments')
    if (existsSync(file)) unlinkSync(file)
  },
}

const controlRemoved: Scene = {
  name: 'removed control segment',
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    board.bytes.fill(3)
    unlinkSync(`/dev/shm/${controlOf(dsm, board.osName ?? '')}`)
    await stage.until(
      () => codeOf(() => dsm.create(10).detach()) === 'DSM_REMOVED',
      'nobody noticed that the control segment is gone',
    )
    stage.same(board.bytes[BYTE], 3, 'a byte of a mapping')
    dsm.close()
    const next = stage.open()
    next.create(5000).detach()
  },
}

const BYTE = 4095
const SIZE = 5000

export const removedObjects: readonly Scene[] = [segmentRemoved, segmentReplaced, controlRemoved]
